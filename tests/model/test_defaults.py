from __future__ import annotations

from salesml.model.defaults import DEEP, SHALLOW, Recipe, recipe_for


def test_small_tables_get_small_leaves_and_large_ones_more() -> None:
    assert recipe_for(40, 10).shapes[0].min_data_in_leaf == 2
    assert recipe_for(10_000, 200).shapes[0].min_data_in_leaf == 10
    assert recipe_for(100_000, 30_000).shapes[0].min_data_in_leaf == 40
    leaves = [recipe_for(100_000, positives).shapes[0].num_leaves for positives in (100, 3_000, 30_000)]
    assert leaves == sorted(leaves)
    assert leaves[0] < leaves[-1]
    assert recipe_for(70_000, 9_000).shapes[1].min_data_in_leaf > DEEP.min_data_in_leaf


def test_what_a_user_sets_holds_for_every_shape() -> None:
    recipe = Recipe().with_given(num_leaves=7, max_trees=9, learning_rate=None)
    assert [(shape.num_leaves, shape.max_trees) for shape in recipe.shapes] == [(7, 9), (7, 9)]
    assert [shape.learning_rate for shape in recipe.shapes] == [SHALLOW.learning_rate, DEEP.learning_rate]


def test_the_result_can_be_repeated() -> None:
    params = Recipe().params(DEEP, seed=5)
    assert params["deterministic"]
    assert params["force_row_wise"]
    assert (params["seed"], params["num_threads"]) == (5, 1)
    assert "monotone_constraints" not in Recipe().params(DEEP, seed=0, monotone=[0, 0])


def test_the_settings_of_each_shape_stand_under_its_name() -> None:
    found = Recipe().as_dict()
    assert (found["shallow.num_leaves"], found["deep.num_leaves"]) == (5, 31)
    assert (found["folds"], found["linear"]) == (5, True)
