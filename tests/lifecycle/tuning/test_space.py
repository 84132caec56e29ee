"""What tuning may change, and that it says exactly what it tried."""

from __future__ import annotations

import optuna
import pytest

from salesml.lifecycle.tuning.space import TUNED, Space, fixed_part, learner_of
from salesml.model import PropensityClassifier
from salesml.model.parameters import check_parameters


def test_the_defaults_are_no_keys_at_all() -> None:
    assert learner_of(Space.of(1_000).chosen({})) == {}


def test_every_choice_is_a_learner_that_the_classifier_takes() -> None:
    space = Space.of(1_000)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    seen = set()
    for _ in range(50):
        asked = study.ask()
        learner = learner_of(space.suggest(asked))
        check_parameters(PropensityClassifier(**learner).get_params())
        assert asked.params == space.suggest(asked)
        seen |= set(learner)
        study.tell(asked, 0.0)
    assert seen == set(TUNED)


def test_a_switch_that_is_off_leaves_the_rule_in_place() -> None:
    chosen = {"own_learning_rate": False, "learning_rate": 0.1, "own_num_leaves": True, "num_leaves": 9}
    assert learner_of(chosen) == {"num_leaves": 9}


def test_a_rate_has_as_many_digits_as_are_printed() -> None:
    chosen = {"own_learning_rate": True, "learning_rate": 0.0123456}
    assert learner_of(chosen) == {"learning_rate": 0.0123}


def test_what_a_spec_says_is_brought_within_the_limits() -> None:
    space = Space.of(1_000)
    chosen = space.chosen({"learning_rate": 0.9, "min_data_in_leaf": 7, "n_repeats": 8})
    assert learner_of(chosen) == {"learning_rate": 0.3, "min_data_in_leaf": 7, "n_repeats": 3}


@pytest.mark.parametrize(("rows", "largest"), [(50, 20), (3_000, 300), (1_000_000, 500)])
def test_leaves_grow_with_the_rows(rows: int, largest: int) -> None:
    assert Space.of(rows).limits["min_data_in_leaf"] == (3, largest)


def test_what_protects_people_or_is_known_is_not_tuned() -> None:
    said = {"min_count": 30, "base_rate": 0.1, "monotone": {"age": 1}, "num_leaves": 7}
    assert fixed_part(said) == {"min_count": 30, "base_rate": 0.1, "monotone": {"age": 1}}
