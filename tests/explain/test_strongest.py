from __future__ import annotations

import numpy as np
import pytest

from salesml.errors import ModelError
from salesml.explain import Groups, strongest


def test_groups_are_summed_before_they_are_ranked() -> None:
    values = np.array([[0.3, 0.4, -0.5, 0.3, 1.0]])
    found = strongest(values, ["a", "b", "c", "a"], top=2)
    assert found.groups.names == ("a", "b", "c")
    assert found.groups.members == ((0, 3), (1,), (2,))
    assert found.index.tolist() == [[0, 2]]
    np.testing.assert_allclose(found.contribution, [[0.6, -0.5]])
    np.testing.assert_allclose(found.share, [[0.4, 0.5 / 1.5]])
    np.testing.assert_allclose(found.other, [0.4])
    np.testing.assert_allclose(found.base, [1.0])
    np.testing.assert_allclose(found.members, [[[0.3, 0.3], [-0.5, 0.0]]])
    np.testing.assert_allclose(found.raw, [1.5])


def test_contributions_that_cancel_make_no_reason() -> None:
    found = strongest(np.array([[2.0, -2.0, 0.1, 0.0]]), ["same", "same", "other"], top=1)
    assert found.groups.names[found.index[0, 0]] == "other"


def test_ties_go_by_feature_order_after_rounding() -> None:
    values = np.array([[0.10001, -0.10004, 0.10003, 0.0]])
    assert strongest(values, ["a", "b", "c"], top=3).index.tolist() == [[0, 1, 2]]
    values[0, 2] += 2e-4
    assert strongest(values, ["a", "b", "c"], top=3).index.tolist() == [[2, 0, 1]]


def test_features_without_a_group_stand_alone() -> None:
    assert Groups.of(["", "", "x"]).members == ((0,), (1,), (2,))


def test_the_whole_is_the_sum_of_its_parts() -> None:
    values = np.random.default_rng(0).normal(size=(50, 9))
    found = strongest(values, list("aabbcdef"), top=3)
    total = found.contribution.sum(axis=1) + found.other + found.base
    np.testing.assert_allclose(total, values.sum(axis=1))
    np.testing.assert_allclose(found.raw, values.sum(axis=1))
    np.testing.assert_allclose(found.members.sum(axis=2), found.contribution)


def test_more_reasons_than_groups_gives_all_of_them() -> None:
    assert strongest(np.zeros((3, 3)), ["a", "b"], top=9).index.shape == (3, 2)
    assert strongest(np.zeros((0, 3)), ["a", "b"], top=1).index.shape == (0, 1)


def test_groups_of_another_model_are_refused() -> None:
    with pytest.raises(ModelError) as caught:
        strongest(np.zeros((3, 3)), ["a", "b", "c"], top=1)
    assert "shape (3, 3) for 3 features" in str(caught.value)
    assert "one for the base value, 4" in str(caught.value)
