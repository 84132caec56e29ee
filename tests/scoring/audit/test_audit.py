"""Large batches without a fault."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesml.crm import CRM
from salesml.scoring import Scorer
from salesml.snapshots import take
from salesml.snapshots.feature import Feature
from tests.crm.test_real_data import RETAIL
from tests.scoring.audit.batch import Batch, batch_of, bundle_of
from tests.scoring.audit.conftest import LARGE, company
from tests.snapshots.company import spec_of


@pytest.mark.parametrize("task", ["churn", "conversion"])
def test_every_sentence_of_a_large_company_is_traced(folder: Path, task: str) -> None:
    batch = company(folder, LARGE, task)
    found = batch.audited()
    assert found.findings == ()
    assert found.rows == len(batch.rows) >= 20_000
    assert found.sentences > 4 * found.rows
    assert found.recomputed == 100
    assert found.text() == f"{found.sentences:,} sentences audited, no fault"


def test_every_sentence_of_real_transactions_is_traced(data: Path, tmp_path: Path) -> None:
    (tmp_path / "crm.yaml").write_text(RETAIL.format(data=data))
    crm = CRM.open(tmp_path / "crm.yaml")
    label = {"kind": "inactivity", "events": "orders", "inactive_days": 60, "active_within_days": 120}
    spec = spec_of(tmp_path, label=label, horizon_days=60, windows_days=[30, 90, 180])
    learned = take(spec, crm, [dt.date(2011, 7, 1)])
    batch = batch_of(learned, take(spec, crm, [dt.date(2011, 11, 1)], labels=False).table)
    found = batch.audited()
    assert found.findings == ()
    assert found.rows > 1500


def test_few_rows_are_all_computed_again(churn: Batch) -> None:
    assert churn.part(90).audited().recomputed == 90
    assert churn.part(120).audited().recomputed == 100


def test_the_batches_have_sentences_of_many_kinds(churn: Batch, conversion: Batch) -> None:
    said = " | ".join(
        reason["words"] for batch in (churn, conversion) for row in batch.scores["reasons"].to_pylist()
        for reason in row
    )  # fmt: skip
    kinds = (
        r"; usually every", r"up from", r"down from", r"of such", r"half of all",
        r" of (?:customers|prospects) with",
        r"In stage '", r"for about", r"No \w+ in the last",
    )  # fmt: skip
    assert [kind for kind in kinds if not re.search(kind, said)] == []


def test_rows_that_were_not_scored_are_left_alone(churn: Batch) -> None:
    frame = churn.rows.to_pandas()
    frame.loc[3, "entity_id"] = None
    scores = Scorer(churn.bundle, threads=1).table(frame)
    found = Batch(churn.bundle, frame, scores).audited()
    assert found.findings == ()
    assert found.rows == len(frame) - 1


def test_nobody_and_nothing_to_tell_are_no_fault(churn: Batch) -> None:
    scorer = Scorer(churn.bundle, threads=1)
    for rows, top in ((churn.rows.slice(0, 0), 5), (churn.rows.slice(0, 7), 0)):
        found = Batch(churn.bundle, rows, scorer.table(rows, top=top)).audited()
        assert (found.findings, found.rows, found.sentences) == ((), len(rows), 0)


def test_two_columns_that_are_called_alike_may_say_the_same() -> None:
    features = tuple(Feature(name=name, form="count") for name in ("total_spend", "total spend"))
    spend = np.tile([1.0, 2.0, 3.0, 4.0], 40)
    frame = pd.DataFrame({"entity_id": range(160), "total_spend": spend, "total spend": spend[::-1]})
    frame["label"] = [0, 1, 1, 0] * 40
    bundle = bundle_of(features, frame, frame["label"].tolist(), trees=5)
    frame["total spend"] = frame["total_spend"]
    scores = Scorer(bundle, threads=1).table(frame)
    said = [[reason["words"] for reason in row] for row in scores["reasons"].to_pylist()]
    assert any(len(row) == 2 and row[0] == row[1] for row in said)
    assert Batch(bundle, frame, scores).audited().findings == ()


def test_each_bundle_is_audited_by_its_own_sentences(churn: Batch, conversion: Batch) -> None:
    for batch in (churn, conversion, churn):
        assert batch.part(120).audited().findings == ()
    told = churn.part(120)
    features = tuple(replace(each, words=f"other {each.words}") for each in told.bundle.features)
    renamed = replace(told.bundle, features=features)
    assert Batch(renamed, told.rows, told.scores).audited().findings != ()
    assert told.audited().findings == ()
