"""What is published can be read, whole and exactly; the same twice changes nothing."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from salesml.errors import DataError, OutsideError, UsageError
from salesml.scoring.rank import EXTRA
from salesml.scoring.table import schema as table_schema
from salesml.store.engine import Store, reading
from salesml.store.feedback import Feedback
from salesml.store.generations import current
from salesml.store.models import Generation, Pointer, Reasons, Rep, Score, Similar
from salesml.store.moments import now
from salesml.store.publish import publish
from tests.store import made

NEXT = made.DAY + dt.timedelta(days=1)


def rows(store: Store, name: str = "churn") -> list[dict[str, Any]]:
    """The current scores of a name with their reasons, by id."""
    with reading(store.published) as connection:
        now = current(connection, name)
        query = (
            sa.select(*Score.__table__.c, Reasons.reasons)
            .outerjoin(Reasons, Reasons.score_id == Score.id)
            .where(Score.generation_id == (now.id if now else 0))
            .order_by(Score.entity_id)
        )
        return [dict(row._mapping) for row in connection.execute(query)]


def generations(store: Store) -> list[tuple[int, str]]:
    with reading(store.published) as connection:
        query = sa.select(Generation.id, Generation.state).order_by(Generation.id)
        return [(row.id, row.state) for row in connection.execute(query)]


def test_every_row_is_there_exactly(store: Store, tmp_path: Path) -> None:
    table = [made.row(number) for number in range(6_000)]
    table[5]["reasons"] = [
        made.reason(1, 'He said "no" \\ twice\nand left, =cmd|x'),
        made.reason(2, "Größe: 3 €"),
    ]
    table[6]["rep_id"] = None
    table[7]["value"] = float("nan")
    done = publish(store, made.write_rows(tmp_path / "s.parquet", table))
    assert done.text() == "Published churn as of 2026-01-01: 6,000 rows, as generation 1"
    found = rows(store)
    assert [each["entity_id"] for each in found] == [each["entity_id"] for each in table]
    for here, there in zip(found, table, strict=True):
        for name in ("rep_id", "status", "problem", "probability", "raw_score", "band", "base_value"):
            assert here[name] == there[name]
        assert here["expected"] == there["expected_loss"]
        assert json.loads(here["reasons"] or "[]") == there["reasons"]
        first = there["reasons"][0] if there["reasons"] else {"words": None, "direction": None}
        assert (here["strongest"], here["strongest_direction"]) == (first["words"], first["direction"])
    assert found[7]["value"] is None
    assert found[8]["value"] == 100.0


def test_the_same_table_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = made.scores(tmp_path / "s.parquet")
    publish(store, path)
    before = rows(store)
    again = publish(store, path)
    assert (again.changed, again.text()) == (
        False,
        "Already published: churn as of 2026-01-01 is generation 1",
    )
    assert rows(store) == before
    assert generations(store) == [(1, "whole")]


def test_a_later_date_takes_its_place_and_an_earlier_one_does_not(store: Store, tmp_path: Path) -> None:
    first = made.scores(tmp_path / "1.parquet")
    publish(store, first)
    publish(store, made.scores(tmp_path / "2.parquet", 50, day=NEXT))
    assert len(rows(store)) == 50
    known = publish(store, first)
    assert (known.changed, known.notes) == (False, ("Since then churn as of 2026-01-02 was published",))
    with pytest.raises(DataError) as caught:
        publish(store, made.scores(tmp_path / "3.parquet", 3))
    assert caught.value.code == "older-scores"
    assert "as of 2026-01-02 is published already" in str(caught.value)
    assert "Give --older" in str(caught.value)
    assert len(rows(store)) == 50


def test_older_scores_can_be_made_current_again(store: Store, tmp_path: Path) -> None:
    first = made.scores(tmp_path / "1.parquet")
    publish(store, first)
    before = rows(store)
    publish(store, made.scores(tmp_path / "2.parquet", 50, day=NEXT))
    again = publish(store, first, older=True)
    assert (again.changed, again.generation) == (True, 1)
    assert rows(store) == before
    publish(store, made.scores(tmp_path / "3.parquet", 3), older=True)
    assert len(rows(store)) == 3


def test_models_do_not_take_one_anothers_place(store: Store, tmp_path: Path) -> None:
    publish(store, made.scores(tmp_path / "1.parquet", 10))
    publish(store, made.scores(tmp_path / "2.parquet", 20, model="conversion"))
    assert (len(rows(store)), len(rows(store, "conversion"))) == (10, 20)
    assert rows(store, "conversion")[0]["expected"] == made.row(0, model="conversion")["expected_value"]


def test_rows_that_were_not_scored_stand_beside_and_never_in_the_way(store: Store, tmp_path: Path) -> None:
    nobody = made.unscored(1) | {"entity_id": None}
    table = [
        made.unscored(7),
        made.unscored(3),
        made.row(7),
        made.unscored(7),
        nobody,
        made.row(8),
        made.unscored(3),
    ]
    done = publish(store, made.write_rows(tmp_path / "s.parquet", table))
    assert (done.rows, done.unscored) == (3, 1)
    assert [(each["entity_id"], each["status"]) for each in rows(store)] == [
        ("C-000003", "not scored"), ("C-000007", "scored"), ("C-000008", "scored"),
    ]  # fmt: skip


def test_a_ranked_list_brings_its_ranks(store: Store, tmp_path: Path) -> None:
    publish(store, made.write_ranked(tmp_path / "s.parquet", [made.row(2), made.row(1)]))
    assert [(each["entity_id"], each["rank"], each["list"], each["picked"]) for each in rows(store)] == [
        ("C-000001", 2, "R1", "order"), ("C-000002", 1, "R1", "order"),
    ]  # fmt: skip


def test_curves_come_along(store: Store, tmp_path: Path) -> None:
    """Those of whole rows only; a score table without them has none."""
    schema = pa.schema([*table_schema("churn", horizons=(30, 90)), *EXTRA])
    curve = {"stays_90": 0.75, "stays_30": 0.9375, "expected_days": 80.0, "lifetime_days": 400.0}
    rank = {"rank": 1, "list": "R1", "pick_probability": 1.0, "seed": 0, "picked": "order", "unlisted": None}
    some = [made.row(1) | curve | rank, made.row(2) | curve | {"stays_90": float("nan")} | rank]
    some.append(made.unscored(3) | dict.fromkeys(curve) | rank)
    pq.write_table(pa.Table.from_pylist(some, schema=schema), tmp_path / "s.parquet")
    publish(store, tmp_path / "s.parquet")
    assert [each["curve"] for each in rows(store)] == ['{"30":0.9375,"90":0.75}', None, None]
    publish(store, made.scores(tmp_path / "plain.parquet", 3, day=NEXT, run="run-2"))
    assert [each["curve"] for each in rows(store)] == [None, None, None]


def test_similar_accounts_stand_in_their_order(store: Store, tmp_path: Path) -> None:
    near = made.similar(tmp_path / "near.parquet", 2_000)
    called = pa.table({"entity_id": ["A-003"], "name": ["Trevale Works"], "attributes": [None]})
    path = made.scores(tmp_path / "s.parquet", 2_000, model="fit")
    done = publish(store, path, similar=near, accounts=called)
    assert done.similar == 2_000
    with reading(store.published) as connection:
        query = sa.select(Similar.entity_id, Similar.accounts).order_by(Similar.entity_id)
        found = {row.entity_id: json.loads(row.accounts) for row in connection.execute(query)}
    expected: dict[str, list[dict[str, Any]]] = {}
    for each in pq.read_table(near).drop_columns("as_of").to_pylist():
        name = "Trevale Works" if each["account_id"] == "A-003" else None
        expected.setdefault(each.pop("entity_id"), []).append(each | {"name": name})
    assert found == expected


def test_names_attributes_and_reps(store: Store, tmp_path: Path) -> None:
    people = pa.table(
        {"entity_id": ["C-000001", "C-000002"], "name": ["Elmwell", None], "attributes": ['{"size":3}', "{}"]}
    )
    team = pa.table(
        {each: ["R1"] for each in ("rep_id", "name", "team", "login", "role", "manager_id")}
    )  # fmt: skip
    path = made.scores(tmp_path / "s.parquet", 4)
    publish(store, path, entities=people, reps=team)
    assert [(each["name"], each["attributes"]) for each in rows(store)] == [
        (None, None), ("Elmwell", '{"size":3}'), (None, "{}"), (None, None),
    ]  # fmt: skip
    renamed = people.set_column(1, "name", pa.array(["Elmwell Ltd", None]))
    assert publish(store, path, entities=renamed, reps=team.slice(0, 0)).changed
    assert rows(store)[1]["name"] == "Elmwell Ltd"
    with reading(store.published) as connection:
        assert connection.execute(sa.select(Rep.rep_id)).scalars().all() == ["R1"]


def test_a_folder_of_files_is_one_table(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for part in range(3):
        made.write_rows(
            folder / f"part-{part}.parquet", [made.row(each) for each in range(part * 5, part * 5 + 5)]
        )
    (folder / "_SUCCESS.parquet").write_text("")
    assert publish(store, folder).rows == 15


def test_a_generation_of_a_dataset_by_its_link(store: Store, tmp_path: Path) -> None:
    parts = tmp_path / ".out.salesml" / "1"
    parts.mkdir(parents=True)
    link = tmp_path / "out" / "task=churn" / "as_of=2026-01-02"
    link.parent.mkdir(parents=True)
    link.symlink_to(parts, target_is_directory=True)
    for part in range(2):
        path = made.write_rows(parts / f"{part}.parquet", [made.row(part * 5 + each) for each in range(5)])
        pq.write_table(pq.read_table(path).drop_columns(["task", "as_of"]), path)
    (parts / "manifest.json").write_text("{}")
    first = publish(store, link)
    assert (first.rows, first.as_of) == (10, "2026-01-02")
    assert not publish(store, tmp_path / "out").changed
    other = tmp_path / "out" / "task=churn" / "as_of=2026-01-03"
    other.symlink_to(parts, target_is_directory=True)
    assert publish(store, other).as_of == "2026-01-03"
    assert [each.column for each in refused(store, tmp_path / "out").faults] == ["as_of"]


def test_two_scored_rows_of_one_account_are_refused(store: Store, tmp_path: Path) -> None:
    publish(store, made.scores(tmp_path / "1.parquet", 10))
    with pytest.raises(DataError) as caught:
        publish(store, made.write_rows(tmp_path / "2.parquet", [made.row(1), made.row(2), made.row(1)]))
    assert caught.value.code == "repeated-entity"
    assert generations(store) == [(1, "whole"), (2, "abandoned")]
    assert len(rows(store)) == 10
    with reading(store.published) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(Score)).scalar() == 10


def refused(store: Store, path: Path) -> DataError | UsageError:
    with pytest.raises((DataError, UsageError)) as caught:
        publish(store, path)
    return caught.value


def test_neither_readers_nor_answers_wait_for_a_load(store: Store, tmp_path: Path) -> None:
    publish(store, made.scores(tmp_path / "1.parquet", 50))
    seen: list[int] = []

    def meanwhile(connection: sa.Connection) -> None:
        connection.execute(sa.update(Generation).values(published_by="somebody"))
        with Store(address) as other:
            seen.append(len(rows(other)))
            answer = sa.insert(Feedback).values(
                at=now(), by="kim", what="contacted", name="churn", task="churn", entity_id="C-000001"
            )
            other.write(lambda con: con.execute(answer), other.feedback)
            query = sa.select(Feedback.id)
            seen.append(other.read(lambda con: con.execute(query).scalar_one(), other.feedback))

    address = store.address.published.render_as_string(hide_password=False)
    store.write(meanwhile)
    assert seen == [50, 1]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'store.db'}"
    first, later = (
        made.scores(tmp_path / "1.parquet", 50),
        made.scores(tmp_path / "2.parquet", 5_000, day=NEXT),
    )
    with Store(address) as store:
        publish(store, first)
        before = rows(store)
    with Store(address) as store:
        sa.event.listen(store.published, "connect", lambda con, _: con.execute("PRAGMA max_page_count = 200"))
        with pytest.raises(OutsideError) as caught:
            publish(store, later)
        assert caught.value.code == "store-away"
        assert "database or disk is full. Make room" in str(caught.value)
        assert rows(store) == before
    with Store(address) as store:
        assert publish(store, later).rows == 5_000


def test_tables_that_cannot_be_published_touch_no_store(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    text = tmp_path / "text.parquet"
    text.write_text("no table")
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"entity_id": ["1"], "task": ["churn"]}), other)
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(made.scores(tmp_path / "s.parquet").read_bytes()[:-500])
    assert refused(store, text).code == "not-parquet"
    assert refused(store, cut).code == "not-parquet"
    assert refused(store, tmp_path / "nothing.parquet").code == "missing-file"
    assert [each.column for each in refused(store, other).faults] == [
        "scoring_run_id", "model", "as_of", "status", "model_version",
    ]  # fmt: skip
    assert refused(store, made.write_rows(tmp_path / "empty.parquet", [])).code == "no-rows"
    mixed = refused(
        store, made.write_rows(tmp_path / "m.parquet", [made.row(1), made.row(2, day=NEXT, run="run-2")])
    )
    assert [each.column for each in mixed.faults] == ["as_of", "scoring_run_id"]
    assert "rows of 2 different values of as_of" in str(mixed)
    assert not (tmp_path / "store.db").exists()


def test_columns_of_another_kind_are_named_together(tmp_path: Path) -> None:
    table = pq.read_table(made.scores(tmp_path / "s.parquet", 3))
    for name, values in {"probability": ["a"] * 3, "reasons": [[1]] * 3, "as_of": ["2026-01-01"] * 3}.items():
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values))
    pq.write_table(table, tmp_path / "bad.parquet")
    found = refused(Store(f"sqlite:///{tmp_path / 'store.db'}"), tmp_path / "bad.parquet")
    assert [(each.code, each.column) for each in found.faults] == [
        ("bad-column", "probability"), ("bad-column", "as_of"), ("bad-column", "reasons"),
    ]  # fmt: skip
    assert "holds string. It holds numbers" in str(found)


def test_frames_that_were_read_and_written_again(store: Store, tmp_path: Path) -> None:
    path = made.write_ranked(tmp_path / "s.parquet", [made.row(1), made.row(2)])
    frame = pq.read_table(path).to_pandas()
    frame["rank"] = frame["rank"].astype(float).where(frame["rank"] == 1)
    frame["status"] = frame["status"].astype("category")
    frame.to_parquet(tmp_path / "again.parquet")
    publish(store, tmp_path / "again.parquet")
    assert [(each["rank"], each["status"]) for each in rows(store)] == [(1, "scored"), (None, "scored")]


def test_a_scored_row_without_an_id_is_refused(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        path = made.write_rows(tmp_path / "s.parquet", [made.row(1), made.row(2) | {"entity_id": ""}])
        assert refused(store, path).code == "bad-id"
        assert refused(store, path).code == "bad-id"
        with reading(store.published) as connection:
            assert connection.execute(sa.select(Pointer.name)).all() == []
        assert {state for _, state in generations(store)} == {"abandoned"}


def test_text_with_nul_is_kept_readable(store: Store, tmp_path: Path) -> None:
    publish(
        store,
        made.write_rows(
            tmp_path / "s.parquet",
            [made.row(1) | {"rep_id": "R\x00 1", "reasons": [made.reason(1, "a\x00b\x07")]}],
        ),
    )
    (found,) = rows(store)
    assert (found["rep_id"], found["strongest"]) == ("R\ufffd 1", "a\ufffdb\x07")
    assert json.loads(found["reasons"])[0]["words"] == "a\x00b\x07"
