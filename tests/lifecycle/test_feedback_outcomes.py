"""What came of the scores that were answered: the label that a training would learn, or why there is none."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from salesml.cli import main
from salesml.config import read_spec
from salesml.crm import CRM
from salesml.crm.sample import sample
from salesml.lifecycle.feedback import export
from salesml.lifecycle.feedback_outcomes import WHY
from salesml.snapshots import take
from salesml.store import answers
from salesml.store.answers import Said, Seen
from salesml.store.engine import Store
from salesml.store.erase import erase, people
from salesml.store.migrate import migrate
from salesml.store.models import Generation
from tests.snapshots import company
from tests.snapshots.company import Row, day

VERSION = "salesml/1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        migrate(store)
        yield store


def answer(store: Store, name: str, asked: Iterable[tuple[str, dt.date]]) -> None:
    """One who says of each score that they contacted them."""

    def work(connection: sa.Connection) -> None:
        for entity, as_of in asked:
            seen = Seen(name, name, entity, as_of, VERSION, 0.25, "R1")
            answers.add(connection, seen, Said("contacted"), by="kim", today=as_of, key=f"{entity} {as_of}")

    store.write(work, store.feedback)


def exported(store: Store, folder: Path, crm: CRM, **more: Any) -> list[Row]:
    export(store, folder / "feedback.parquet", crm=crm, overwrite=True, **more)
    rows: list[Row] = pq.read_table(folder / "feedback.parquet").to_pylist()
    return rows


def test_on_a_simulated_company_it_is_what_a_training_learns(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "company"
    sample(folder, size=1000, seed=3, days=730)
    crm = CRM.open(folder / "crm.yaml")
    wanted: dict[tuple[str, str, dt.date], int] = {}
    for name in ("churn", "conversion"):
        spec = read_spec(folder / "models" / f"{name}.yaml")
        days = [crm.observed_until() - dt.timedelta(days=back) for back in (200,)]
        rows = take(spec, crm, days).table.to_pylist()
        wanted |= {(name, row["entity_id"], row["as_of"]): row["label"] for row in rows}
        answer(store, name, [(row["entity_id"], row["as_of"]) for row in rows])
    rows = exported(store, tmp_path, crm)
    found = {(row["model"], row["account_id"] or row["prospect_id"], row["as_of"]): row for row in rows}
    assert {key: row["label"] for key, row in found.items()} == wanted
    assert {row["label"] for row in rows} == {0, 1}
    assert {(row["ripe"], row["no_label"]) for row in rows} == {(True, None)}


LABEL = {"kind": "contract"}
END = day(60)


def small(folder: Path) -> CRM:
    """Four customers, of whom two leave; all is observed before day 60."""
    gone = {"a": None, "b": 40, "c": 33, "d": 20}
    accounts: list[Row] = [
        {"id": name, "since": day(0), "gone": None if at is None else day(at)} for name, at in gone.items()
    ]
    (folder / "models").mkdir(exist_ok=True)
    company.spec_of(folder / "models", label=LABEL, horizon_days=20, gap_days=5)
    return company.crm_of(folder, {"accounts": accounts}, observed_until=END)


def test_each_has_its_own_days_and_a_reason_where_nothing_is_known(store: Store, tmp_path: Path) -> None:
    crm = small(tmp_path)
    asked = [("a", 30), ("b", 30), ("b", 35), ("a", 36), ("c", 30), ("d", 30), ("nobody", 30), ("a", 0)]
    answer(store, "churn", [(name, day(at)) for name, at in asked])
    answer(store, "other", [("a", day(30))])
    said: list[str] = []
    rows = exported(store, tmp_path, crm, say=said.append)
    told = [(row["label"], row["ripe"], row["no_label"]) for row in rows]
    assert told == [
        (0, True, None), (1, True, None), (1, True, None), (None, False, "not-observed"),
        (None, True, "ended-in-gap"), (None, True, "already-ended"), (None, True, "unknown"),
        (None, True, "nothing-known"), (None, None, "no-spec"),
    ]  # fmt: skip
    assert (rows[1]["horizon_start"], rows[1]["horizon_end"]) == (day(35), day(55))
    assert (rows[3]["horizon_start"], rows[3]["horizon_end"]) == (day(41), day(61))
    assert said == ["Without an outcome: 1 answer to scores of other, since the model has no spec in models/"]
    assert {row["no_label"] for row in rows} - {None} <= set(WHY)


def test_who_was_erased_is_in_no_table(store: Store, tmp_path: Path) -> None:
    crm = small(tmp_path)
    answer(store, "churn", [("a", day(30)), ("b", day(30))])
    erase(store, people(accounts=["b"]))
    assert [row["account_id"] for row in exported(store, tmp_path, crm)] == ["a"]


def test_other_days_than_the_score_looked_at_are_no_outcome_of_it(store: Store, tmp_path: Path) -> None:
    """What was published beside a score says which days it looked at; a spec that changed since does not."""
    crm = small(tmp_path)

    def publish(connection: sa.Connection) -> None:
        now = dt.datetime.now(dt.UTC)
        for number, (as_of, days) in enumerate([(30, 20), (31, 90)], 1):
            display = json.dumps({"form": 1, "horizon_days": days, "gap_days": 5})
            connection.execute(
                sa.insert(Generation).values(
                    id=number, name="churn", task="churn", model_version=VERSION, as_of=day(as_of),
                    scoring_run_id="r", digest="d", state="gone", loaded=0, rows=0, unscored=0, similar=0,
                    erased=0, display=display, published_by="j", started_at=now, finished_at=now,
                )
            )  # fmt: skip

    store.write(publish)
    answer(store, "churn", [("b", day(30)), ("b", day(31)), ("b", day(32))])
    rows = exported(store, tmp_path, crm)
    assert [(row["label"], row["no_label"]) for row in rows] == [
        (1, None), (None, "other-horizon"), (1, None),
    ]  # fmt: skip


def test_answers_to_scores_of_fit_say_that_there_is_no_date(store: Store, tmp_path: Path) -> None:
    crm = small(tmp_path)
    company.write(tmp_path, "prospects", [])
    (tmp_path / "models" / "fit.yaml").write_text("task: fit\nlabel: {kind: ideal, months: 6}\n")
    answer(store, "fit", [("p", day(30))])
    (row,) = exported(store, tmp_path, crm)
    assert (row["label"], row["ripe"], row["no_label"]) == (None, None, "not-of-a-date")


def test_the_command(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small(tmp_path)
    answer(store, "churn", [("a", day(30)), ("b", day(30)), ("c", day(30))])
    given = ["feedback", "export", "--store", f"sqlite:///{tmp_path / 'store.db'}"]
    crm = ["--crm", str(tmp_path / "crm.yaml")]
    assert main([*given, "--out", str(tmp_path / "f.csv"), *crm]) == 0
    assert "; the outcome is known of 2\n" in capsys.readouterr().out
    lines = (tmp_path / "f.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[-5:] for line in lines[1:3]] == [
        ["0", "True", "2024-02-05", "2024-02-25", ""], ["1", "True", "2024-02-05", "2024-02-25", ""],
    ]  # fmt: skip
    nowhere = ["--models", str(tmp_path / "none")]
    assert main([*given, "--out", str(tmp_path / "g.csv"), *crm, *nowhere, "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) | {"out": ""} == {
        "out": "", "rows": 3, "states": {"expired": 3}, "known": 0, "unknown": {"no-spec": 3},
        "shown": None,
    }  # fmt: skip
    assert "Without an outcome: 3 answers to scores of churn" in told.err


def shown(store: Store) -> list[tuple[int, int | None, dt.date | None]]:
    found = store.read(answers.every, store.feedback)
    return [(each.id, each.label, each.horizon_last) for each in found]


def test_pages_show_what_is_known_and_nothing_that_is_not_so_any_more(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crm = small(tmp_path)
    answer(store, "churn", [("a", day(30)), ("b", day(30)), ("a", day(36))])
    exported(store, tmp_path, crm)
    assert [label for _, label, _ in shown(store)] == [None] * 3
    given = ["feedback", "export", "--store", f"sqlite:///{tmp_path / 'store.db'}", "--show", "--out"]
    assert main([*given, str(tmp_path / "f.csv")]) == 2
    assert "--crm is missing" in capsys.readouterr().err
    assert main([*given, str(tmp_path / "f.csv"), "--crm", str(tmp_path / "crm.yaml")]) == 0
    assert capsys.readouterr().out.endswith("; the outcome is known of 2; pages show 2\n")
    assert shown(store) == [(1, 0, day(54)), (2, 1, day(54)), (3, None, None)]
    # The tables turn out otherwise: b had never left, and day 60 is observed.
    accounts: list[Row] = [{"id": name, "since": day(0)} for name in "ab"]
    later = company.crm_of(tmp_path, {"accounts": accounts}, observed_until=day(61))
    exported(store, tmp_path, later, show=True)
    assert shown(store) == [(1, 0, day(54)), (2, 0, day(54)), (3, 0, day(60))]
    erase(store, people(accounts=["b"]))
    assert shown(store) == [(1, 0, day(54)), (3, 0, day(60))]


def test_every_reason_is_written_of() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "feedback.md").read_text(encoding="utf-8")
    table = docs[docs.index("| code | why |") : docs.index("The command says how many")]
    assert {name for name in WHY if f"`{name}`" in table} == set(WHY)
