"""The table of answers: a row for each, with what is written of its columns."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from salesml.cli import main
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle.feedback import SCHEMA, export
from salesml.snapshots import take
from salesml.store import answers
from salesml.store.answers import Said, Seen
from salesml.store.engine import Store
from salesml.store.migrate import migrate
from tests.snapshots import company

DOCS = Path(__file__).parents[2] / "docs" / "feedback.md"
TODAY = dt.date(2026, 3, 1)
DAY = dt.date(2026, 2, 27)


def seen(entity_id: str, task: str = "churn") -> Seen:
    return Seen(task, task, entity_id, DAY, f"salesml-{task}/3", 0.25, "R1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three answers: one that holds, one that was withdrawn, one that ends soon."""
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        migrate(store)
        given = [
            (seen("A-1"), Said("reason-is-wrong", "orders_30d,orders_90d", "Fewer orders", "=cmd()")),
            (seen("P-1", "conversion"), Said("contacted")),
            (seen("A-2"), Said("saved", expires_on=TODAY + dt.timedelta(days=2))),
        ]
        for number, (about, said) in enumerate(given):
            store.write(
                lambda con, about=about, said=said, key=str(number): answers.add(  # type: ignore[misc]
                    con, about, said, by="kim@example.com", today=TODAY, key=key
                ),
                store.feedback,
            )
        answer = store.read(lambda con: answers.one(con, 2), store.feedback)
        assert answer is not None
        store.write(lambda con: answers.withdraw(con, answer, by="lee@example.com"), store.feedback)
        yield store


def test_a_row_for_each_answer_with_its_state(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "feedback.parquet"
    done = export(store, out, today=TODAY + dt.timedelta(days=3))
    table = pq.read_table(out)
    assert table.schema.equals(SCHEMA)
    first, second, third = table.to_pylist()
    assert [row["state"] for row in (first, second, third)] == ["active", "withdrawn", "expired"]
    assert done.states == {"active": 1, "expired": 1, "withdrawn": 1}
    assert (first["account_id"], first["prospect_id"]) == ("A-1", None)
    assert (second["account_id"], second["prospect_id"]) == (None, "P-1")
    assert (second["withdrawn_by"], second["by"]) == ("lee@example.com", "kim@example.com")
    assert (first["as_of"], first["probability"], first["model_version"]) == (DAY, 0.25, "salesml-churn/3")
    assert (first["reason"], first["reason_words"]) == ("orders_30d,orders_90d", "Fewer orders")
    assert abs((dt.datetime.now(dt.UTC) - first["at"]).total_seconds()) < 600
    assert {row["label"] for row in (first, second, third)} == {None}


def test_no_note_is_run_by_a_spreadsheet(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "feedback.csv", today=TODAY)
    with (tmp_path / "feedback.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["note"] for row in rows] == ["'=cmd()", "", ""]
    assert rows[0]["probability"] == "0.25"


def test_the_command(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address, out = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "feedback.parquet"
    assert main(["feedback", "export", "--store", address, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert re.fullmatch(rf"Wrote 3 answers to {re.escape(str(out))} \(.*1 withdrawn\)\n", said)
    assert main(["feedback", "export", "--store", address, "--out", str(out)]) == 2
    assert "[file-exists]" in capsys.readouterr().err
    assert main(["feedback", "export", "--store", address, "--out", str(out), "--replace", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 3


def test_what_cannot_be_exported_is_said_before_anything_is_written(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="A table is written as"):
        export(store, tmp_path / "feedback.xlsx")
    none = Store(f"sqlite:///{tmp_path / 'none.db'}")
    with none, pytest.raises(DataError, match="There is no store"):
        export(none, tmp_path / "feedback.csv")
    assert not list(tmp_path.glob("feedback*"))


def test_every_column_is_written_of() -> None:
    lines = re.findall(r"^\| `(.+)` \| (.+?) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    written = [(name, kind) for names, kind in lines for name in names.split("`, `") if name in SCHEMA.names]
    assert [name for name, _ in written] == SCHEMA.names
    words = {"int64": "int64", "int8": "int8", "string": "string", "date32[day]": "date", "double": "double"}
    words["bool"] = "bool"
    for name, kind in written:
        assert kind == words.get(str(SCHEMA.field(name).type), "moment, UTC"), name


def in_docs(key: str) -> dict[str, object]:
    """A YAML example of the docs, by its first key."""
    blocks = re.findall(r"```yaml\n(.+?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    found: dict[str, dict[str, object]] = next(
        read for each in blocks if key in (read := yaml.safe_load(each))
    )
    return found[key]


def test_training_reads_it_as_the_docs_say(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "feedback.parquet", today=TODAY)
    today = (dt.datetime.now(dt.UTC).date() - company.day(0)).days
    orders = [company.order("A-1", today - 3), company.order("A-2", today - 1)]
    company.crm_of(tmp_path, {"orders": orders})
    contract = yaml.safe_load((tmp_path / "crm.yaml").read_text(encoding="utf-8"))
    contract["events"] |= in_docs("events")
    (tmp_path / "crm.yaml").write_text(yaml.safe_dump(contract), encoding="utf-8")
    crm = CRM.open(tmp_path / "crm.yaml")
    spec = company.spec_of(tmp_path)
    days = [company.day(today), company.day(today + 1)]
    rows = take(spec, crm, days, labels=False).table.to_pylist()
    name = next(each for each in rows[0] if each.startswith("feedback") and each.endswith("7d"))
    counted = [(row["entity_id"], row[name]) for row in rows]
    assert counted == [("A-1", 0), ("A-2", 0), ("A-1", 1), ("A-2", 1)]
