"""Labels that answers contradict, and a training that reads answers."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from salesml.crm import CRM
from salesml.errors import DataError
from salesml.lifecycle.answers_compared import compare_answers
from salesml.lifecycle.feedback import SCHEMA
from salesml.lifecycle.progress import quiet
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.train import train
from salesml.model.screening import Finding
from salesml.scoring import write
from tests.company import LAST, make_project, orders
from tests.snapshots import company
from tests.snapshots.company import day

DOCS = Path(__file__).parents[2] / "docs" / "feedback.md"


def write_answers(path: Path, given: Sequence[dict[str, Any]], *, prospects: bool = False) -> None:
    """A table as `salesml feedback export` writes it; ``at`` is a day, ``id`` whom it is about."""
    rows = []
    for number, each in enumerate(given, 1):
        at = dt.datetime.combine(each["at"], dt.time(12), dt.UTC)
        key = "prospect_id" if prospects else "account_id"
        row = dict.fromkeys(SCHEMA.names) | {
            "id": number, "what": "contacted", "state": "active", "by": "kim", "rep_id": "R1",
            "as_of": each["at"], "model": "churn", "task": "churn", "model_version": "v/1",
        }  # fmt: skip
        rows.append(row | {name: value for name, value in each.items() if name != "who"})
        rows[-1] |= {"at": at, key: each["who"]}
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path)


def rows_of(labels: dict[str, int], at: int) -> Rows:
    names, count = list(labels), len(labels)
    return Rows(
        X=pd.DataFrame(index=range(count)), y=np.array(list(labels.values()), dtype=np.int8),
        entity=np.array(names, dtype=object), as_of=np.array([day(at)] * count, dtype="datetime64[D]"),
        value=np.zeros(count),
    )  # fmt: skip


def said(what: str, who: str, at: int, **more: Any) -> dict[str, Any]:
    return {"what": what, "who": who, "at": day(at), **more}


def with_answers(folder: Path, given: Sequence[dict[str, Any]], *, prospects: bool = False) -> CRM:
    write_answers(folder / "feedback.parquet", given, prospects=prospects)
    tables: dict[str, Any] = {"orders": [company.order("a", 0), company.order("a", 90)]}
    if prospects:
        tables["prospects"] = [company.prospect("a", 0, 40)]
    return company.crm_of(folder, tables, feedback={"source": "feedback.parquet"})


def found_in(folder: Path, given: Sequence[dict[str, Any]], labels: dict[str, int]) -> tuple[Finding, ...]:
    crm = with_answers(folder, given)
    return compare_answers(company.spec_of(folder, gap_days=3), crm, rows_of(labels, 30), None, quiet)


def test_answers_of_the_rows_days_are_held_against_their_labels(tmp_path: Path) -> None:
    """The days of a row: from day 30, its own, to day 52, the last of its horizon."""
    given = [
        said("lost", "stayed", 30), said("lost", "left", 52), said("saved", "gone", 40),
        said("lost", "before", 29), said("lost", "after", 53),
        said("lost", "changed", 35), said("saved", "changed", 36),
        said("lost", "mistaken", 35, withdrawn_at=dt.datetime(2024, 2, 6, tzinfo=dt.UTC)),
        said("contacted", "called", 35), said("disagree", "called", 35), said("lost", "elsewhere", 35),
    ]  # fmt: skip
    labels = {"stayed": 0, "left": 1, "gone": 1, "before": 0, "after": 0, "changed": 0, "mistaken": 0,
              "called": 0}  # fmt: skip
    (finding,) = found_in(tmp_path, given, labels)
    assert (finding.code, finding.severity, finding.rows) == ("answers-against-labels", "note", 2)
    assert finding.examples == (0, 2)
    assert "reps answered 4 with lost or saved" in finding.what
    assert "2 of these answers say the opposite of the label" in finding.what
    assert "1 was called lost and stayed" in finding.what
    assert "1 was called saved and left" in finding.what
    assert not any(name in str(finding) for name in ("gone", "mistaken", "changed", "elsewhere"))


def test_where_most_say_the_opposite_it_is_a_warning(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(20)]
    given = [said("lost", name, 40) for name in names]
    (finding,) = found_in(tmp_path, given, dict.fromkeys(names, 0))
    assert (finding.severity, finding.rows) == ("warn", 20)
    assert "20 were called lost and stayed" in finding.what
    half = {name: int(number < 10) for number, name in enumerate(names)}
    (finding,) = found_in(tmp_path, given, half)
    assert (finding.severity, finding.rows) == ("note", 10)
    (finding,) = found_in(tmp_path, given, dict.fromkeys(names, 1))
    assert (finding.code, finding.severity, finding.rows) == ("answers-agree", "note", 0)
    assert found_in(tmp_path, [], dict.fromkeys(names, 1)) == ()


def test_of_prospects_who_is_lost_was_not_won(tmp_path: Path) -> None:
    given = [said("saved", "a", 35), said("lost", "b", 35), said("lost", "c", 35), said("saved", "d", 35)]
    crm = with_answers(tmp_path, given, prospects=True)
    rows = rows_of({"a": 1, "b": 0, "c": 1, "d": 0}, 30)
    lines: list[str] = []
    (finding,) = compare_answers(company.conversion_of(tmp_path), crm, rows, None, lines.append)
    assert (finding.rows, finding.examples) == (2, (2, 3))
    assert "1 was called lost and was won" in finding.what
    assert "1 was called won and was not won" in finding.what
    assert lines == [f"note [answers-against-labels, counted] {finding}"]


def test_answers_observe_nothing_and_may_be_none(tmp_path: Path) -> None:
    crm = with_answers(tmp_path, [said("lost", "a", 95)])
    assert crm.observed_until() == day(91)
    faults = crm.check(day(99)).faults
    assert not [each for each in faults if each.table == "feedback"]
    empty = with_answers(tmp_path, [])
    assert not [each for each in empty.check(day(99)).faults if each.table == "feedback"]


def test_who_is_called_lost_after_the_end_is_no_fault(tmp_path: Path) -> None:
    write_answers(tmp_path / "feedback.parquet", [said("lost", "a", 50)])
    accounts = [{"id": name, "since": day(0), "gone": day(40)} for name in "ab"]
    crm = company.crm_of(tmp_path, {"accounts": accounts}, feedback={"source": "feedback.parquet"})
    assert not [each for each in crm.check(day(99)).faults if each.table == "feedback"]


def test_a_csv_of_answers_says_the_same(tmp_path: Path) -> None:
    late = dt.datetime(2024, 2, 6, 23, 30, tzinfo=dt.UTC)
    given = [
        said("lost", "a", 35, withdrawn_at=late, probability=0.25, band="A", label=1, ripe=True),
        said(
            "reason-is-wrong", "a", 36, note='=cmd(), "no"\nthanks', reason="orders_30d", pick_probability=0.5
        ),
    ]
    crm = with_answers(tmp_path, given)
    with crm.connect() as con:
        wanted = con.execute("SELECT * FROM feedback ORDER BY what").fetchall()
    table = pq.read_table(tmp_path / "feedback.parquet")
    write(table.to_batches(), SCHEMA, tmp_path / "feedback.csv")
    text = (tmp_path / "crm.yaml").read_text()
    (tmp_path / "crm.yaml").write_text(text.replace("feedback.parquet", "feedback.csv"))
    read = CRM.open(tmp_path / "crm.yaml")
    assert not [each for each in read.check(day(99)).faults if each.table == "feedback"]
    with read.connect() as con:
        assert con.execute("SELECT * FROM feedback ORDER BY what").fetchall() == wanted
    assert len(wanted) == 2


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"measures": {"left": "label"}}, "label"),
        ({"measures": {"n": "case when ripe then 1 else 0 end"}}, "ripe"),
        ({"categories": ["state"]}, "state"),
        ({"where": "state <> 'withdrawn'"}, "state"),
        ({"known_at": "withdrawn_at"}, "withdrawn_at"),
        ({"returns": "no_label is not null"}, "no_label"),
    ],
)
def test_no_log_of_answers_reads_what_came_later(tmp_path: Path, more: dict[str, Any], column: str) -> None:
    write_answers(tmp_path / "feedback.parquet", [said("lost", "a", 35)])
    log = {"source": "feedback.parquet", "account": "account_id", "at": "at", **more}
    company.crm_of(tmp_path, {"orders": [company.order("a", 0)]})
    contract = yaml.safe_load((tmp_path / "crm.yaml").read_text())
    contract["events"]["answers"] = log
    (tmp_path / "crm.yaml").write_text(yaml.safe_dump(contract))
    with pytest.raises(DataError) as caught:
        CRM.open(tmp_path / "crm.yaml").connect()
    assert [(each.code, each.column) for each in caught.value.faults] == [("known-later", column)]
    contract["events"].pop("answers")
    contract["activities"] = {
        "source": "feedback.parquet",
        "account": "account_id",
        "at": "at",
        "kind": "state",
    }
    (tmp_path / "crm.yaml").write_text(yaml.safe_dump(contract))
    with pytest.raises(DataError, match="'state' reads 'state', which was not known"):
        CRM.open(tmp_path / "crm.yaml").connect()
    contract["activities"]["kind"] = "what"
    log |= {"measures": {"said": "probability"}, "categories": ["what"], "known_at": "at", "where": ""}
    contract["events"]["answers"] = log | {"returns": ""}
    (tmp_path / "crm.yaml").write_text(yaml.safe_dump(contract))
    CRM.open(tmp_path / "crm.yaml").connect().close()


def examples() -> dict[str, Any]:
    """The YAML of the page, as one contract."""
    text = DOCS.read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in text.split("```yaml\n")[1:]]
    return {key: value for each in blocks for key, value in yaml.safe_load(each).items()}


def test_a_training_reads_the_table_as_the_docs_bind_it(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", customers=150)
    bought = orders(150)
    newest = bought.groupby("customer_id")["ordered_at"].max()
    given = [
        {"who": name, "at": LAST - dt.timedelta(days=days), "what": what}
        for name in newest.index[::3]
        for days, what in ((330, "contacted"), (120, "lost"), (25, "lost"))
    ]
    write_answers(folder / "feedback.parquet", given)
    contract = yaml.safe_load((folder / "crm.yaml").read_text(encoding="utf-8"))
    read = examples()
    contract["events"] |= read.pop("events")
    contract |= read
    (folder / "crm.yaml").write_text(yaml.safe_dump(contract), encoding="utf-8")
    lines: list[str] = []
    trained = train("churn", CRM.open(folder / "crm.yaml"), log=False, say=lines.append)
    features = {each.name for each in trained.bundle.features}
    assert any(name.startswith("feedback_") for name in features)
    assert any(name.startswith("activities") for name in features)
    assert not any("label" in name or "ripe" in name for name in features)
    findings = json.loads((trained.folder / "findings.json").read_text(encoding="utf-8"))["findings"]
    compared = [each for each in findings if each["code"].startswith("answers-")]
    assert compared
    assert all(each["rows"] <= len(given) for each in compared)
    assert "answers-" in (trained.folder / "model_card.md").read_text(encoding="utf-8")
    assert any("reps answered" in line for line in lines)
