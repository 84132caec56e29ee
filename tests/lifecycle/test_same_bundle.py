"""The same data and seed give the same bundle, on however many threads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from salesml.lifecycle.train_table import train_table
from salesml.model.bundle import Bundle
from salesml.scoring import Scorer


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Numbers, categories, true and false, dates, missing values, several rows of an account, weights."""
    rng = np.random.default_rng(0)
    rows = 700
    frame = pd.DataFrame(
        {
            "customer": [f"K{place // 2}" for place in range(rows)],
            "orders": rng.poisson(4, rows),
            "spend": np.where(rng.random(rows) < 0.1, np.nan, rng.lognormal(size=rows)),
            "plan": rng.choice(["basic", "pro", "team"], rows),
            "city": rng.choice([f"city {place}" for place in range(15)], rows),
            "paperless": rng.random(rows) < 0.5,
            "signed": pd.Timestamp("2025-12-31") - pd.to_timedelta(rng.integers(1, 900, rows), unit="D"),
            "counts": rng.uniform(0.5, 2.0, rows),
        }
    )
    frame["signed"] = frame["signed"].dt.strftime("%Y-%m-%d")
    chance = 0.15 + 0.4 * (frame["plan"] == "basic") + 0.3 * (frame["orders"] < 3)
    frame["left"] = np.where(rng.random(rows) < chance, "yes", "no")
    frame.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


def test_a_training_gives_the_same_bundle_on_any_number_of_threads(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(table.parent)
    Path("models").mkdir()
    bundles = []
    for threads in (1, 2):
        Path("models/plans.yaml").write_text(
            "task: churn\nlabel: {kind: contract}\nhorizon_days: 90\n"
            f"learner: {{n_jobs: {threads}, random_state: 3}}\n"
        )
        with threadpool_limits(threads):
            trained = train_table(
                "plans",
                table,
                id_column="customer",
                target="left",
                positive="yes",
                weight="counts",
                log=False,
            )
        bundles.append(Bundle.load(trained.folder / "bundle"))
        assert bundles[-1].digest == trained.bundle.digest
    one, two = bundles
    # Of everything that can differ, the table has something, and all of it is in the model.
    assert {column.kind for column in one.coding.columns} == {"number", "category"}
    assert one.coding.dated == ("signed",)
    assert one.booster.count("cat_threshold=") > 0
    assert "\nsplit_gain=0 0" in one.booster, "the linear part is not in it"
    assert one.digest == two.digest

    frame = pd.read_csv(table).drop(columns=["left", "counts"]).rename(columns={"customer": "entity_id"})
    frame = frame.drop_duplicates("entity_id")
    first, second = (Scorer(bundle).score(frame)["raw_score"] for bundle in bundles)
    np.testing.assert_array_equal(first, second)
    assert first.notna().all()
