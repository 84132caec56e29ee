from __future__ import annotations

from salesml.model.defaults import Recipe, recipe_for


def test_small_tables_get_small_leaves_and_large_ones_more() -> None:
    assert recipe_for(40, 10).min_data_in_leaf == 2
    assert recipe_for(10_000, 200).min_data_in_leaf == 10
    assert recipe_for(100_000, 30_000).min_data_in_leaf == 40
    leaves = [recipe_for(100_000, positives).num_leaves for positives in (100, 3_000, 30_000)]
    assert leaves == sorted(leaves)
    assert leaves[0] < leaves[-1]


def test_all_boosters_together_stay_a_moderate_number_of_trees() -> None:
    recipe = recipe_for(70_000, 35_000)
    assert recipe.folds * recipe.repeats * recipe.max_trees <= 1_500


def test_every_other_deal_cuts_at_random() -> None:
    recipe = Recipe()
    assert [recipe.params(seed=0, repeat=repeat)["extra_trees"] for repeat in range(3)] == [
        False,
        True,
        False,
    ]


def test_the_result_can_be_repeated() -> None:
    params = Recipe().params(seed=5)
    assert params["deterministic"]
    assert params["force_row_wise"]
    assert (params["seed"], params["num_threads"]) == (5, 1)
    assert "monotone_constraints" not in Recipe().params(seed=0, monotone=[0, 0])
