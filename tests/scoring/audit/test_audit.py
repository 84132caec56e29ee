"""Large batches without a fault."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from salesml.crm import CRM
from salesml.scoring import Scorer
from salesml.snapshots import take
from tests.crm.test_real_data import RETAIL
from tests.scoring.audit.batch import Batch, batch_of
from tests.scoring.audit.conftest import LARGE, company
from tests.snapshots.company import spec_of


@pytest.mark.parametrize("task", ["churn", "conversion"])
def test_every_sentence_of_a_large_company_is_traced(folder: Path, task: str) -> None:
    batch = company(folder, LARGE, task)
    found = batch.audited()
    assert found.findings == ()
    assert found.rows == len(batch.rows) >= 20_000
    assert found.sentences > 4 * found.rows
    assert found.recomputed == 300
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
    assert churn.part(120).audited().recomputed == 120


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
