"""What the tables of a backtest hold."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from salesml.lifecycle.backtest.tables import (
    EXPECTED_LOSSES,
    IMPORTANCES,
    expected_losses,
    importances,
    table,
)
from salesml.snapshots import Feature
from tests.lifecycle.backtest.conftest import Shop
from tests.lifecycle.backtest.made import NAMES, series
from tests.lifecycle.backtest.test_verdict import STEP

FEATURES = [Feature(name=n, group=g) for n, g in zip(("recency", "count", "sum"), NAMES, strict=True)]


def test_expected_losses_are_probability_times_value() -> None:
    dates = series([0.8, 0.7, 0.8], unripe=1)
    made = expected_losses("churn", dates, (10, 40))
    assert made.schema == EXPECTED_LOSSES
    assert made.num_rows == 900
    frame = made.to_pandas()
    assert frame["expected_loss"].to_numpy() == pytest.approx(
        (frame["probability"] * frame["value"]).to_numpy()
    )
    first = frame[frame["as_of"] == dates[0].as_of]
    assert first["value_lost"].sum() == pytest.approx(float(dates[0].rows.y @ dates[0].rows.value))
    assert set(first["horizon_start"]) == {dates[0].as_of + dt.timedelta(days=10)}
    assert set(first["horizon_end"]) == {dates[0].as_of + dt.timedelta(days=40)}
    assert set(first["train_until"]) == {dates[0].turn.train[-1]}
    assert first["rep_id"].isna().sum() == 150


def test_what_is_not_known_is_null() -> None:
    made = expected_losses("churn", series([0.8, 0.7], unripe=1), (0, 30))
    frame = made.to_pandas()
    unripe = frame["as_of"] == frame["as_of"].max()
    for column in ("label", "value_lost"):
        assert frame.loc[unripe, column].isna().all()
        assert frame.loc[~unripe, column].notna().all()
    assert made.schema.field("label").type == pa.int8()


def test_no_date_with_a_model_is_an_empty_table() -> None:
    assert expected_losses("churn", [], (0, 30)).schema == EXPECTED_LOSSES


def test_importances_add_up() -> None:
    dates = series([0.8, 0.8])
    made = importances(dates, FEATURES)
    assert made.schema == IMPORTANCES
    frame = made.to_pandas()
    assert frame.groupby("as_of")["share"].sum().to_numpy() == pytest.approx(1.0)
    assert frame.groupby("as_of")["group_share"].sum().to_numpy() == pytest.approx(1.0)
    assert frame.loc[frame["group_rank"] == 1, "group"].unique().tolist() == ["orders.recency"]


def test_the_table_has_a_row_per_date() -> None:
    dates = series([0.8, 0.8, 0.8], unripe=1)
    made = table(dates, [None, STEP, STEP])
    assert list(made["status"]) == ["tested", "tested", "not ripe"]
    assert made["auc"].isna().tolist() == [False, False, True]
    assert (made["auc_low"] <= made["auc"])[:2].all()
    assert made["kept_order"].isna().tolist() == [True, False, False]
    assert made["main_features"].str.startswith("orders.recency").all()
    assert made["mean_p"].notna().all()


def test_the_losses_of_the_shop_are_those_of_its_table(shop: Shop) -> None:
    losses, table = shop.done.expected_losses(), shop.done.table.set_index("as_of")
    ripe = losses[losses["label"].notna()].groupby("as_of")
    assert list(ripe.groups) == list(table.index[table["status"] == "tested"])
    assert ripe["expected_loss"].sum().to_numpy() == pytest.approx(
        table["expected_value"].dropna().to_numpy()
    )
    assert ripe["value_lost"].sum().to_numpy() == pytest.approx(table["value_lost"].dropna().to_numpy())
    assert losses.groupby("as_of").size().to_numpy() == pytest.approx(table["rows"].to_numpy())
    assert losses.groupby("as_of")["model_digest"].nunique().max() == 1
    assert np.isfinite(losses["probability"]).all()
