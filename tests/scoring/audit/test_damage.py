"""Every kind of damage to a sentence, a number or a name is found and named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from salesml.errors import DataError
from salesml.scoring.audit.result import KINDS
from tests.scoring.audit.batch import Batch

Row = dict[str, Any]
Rows = list[Row]

SIZE = 100
"""Few rows, so that all are computed again."""


def reasons(rows: Rows) -> Iterator[Row]:
    return (reason for row in rows for reason in row["reasons"] or [])


def first(rows: Rows, pattern: str) -> Row:
    """The first reason whose sentence is like that."""
    return next(reason for reason in reasons(rows) if re.search(pattern, reason["words"]))


def edit(pattern: str, new: str) -> Callable[[Rows], None]:
    """Change the first sentence that has a text."""

    def damage(rows: Rows) -> None:
        reason = first(rows, pattern)
        reason["words"] = re.sub(pattern, new, reason["words"], count=1)

    return damage


def put(name: str, change: Callable[[Any], Any]) -> Callable[[Rows], None]:
    """Change a field of the second reason of a row."""

    def damage(rows: Rows) -> None:
        reason = rows[5]["reasons"][1]
        reason[name] = change(reason[name])

    return damage


def one_more(pattern: str) -> Callable[[Rows], None]:
    """Count one more in the first number of a sentence."""

    def damage(rows: Rows) -> None:
        reason = first(rows, pattern)
        found = re.search(r"\d+", reason["words"])
        assert found
        reason["words"] = found.re.sub(str(int(found[0]) + 1), reason["words"], count=1)

    return damage


def number_behind(mark: str) -> Callable[[Rows], None]:
    """Change the number behind a mark in the first sentence that has it."""

    def damage(rows: Rows) -> None:
        reason = first(rows, mark + r".*?\d")
        reason["words"] = re.sub(
            rf"({mark}.*?)(\d)", lambda m: f"{m[1]}{(int(m[2]) + 3) % 10}", reason["words"]
        )

    return damage


def exchange(name: str) -> Callable[[Rows], None]:
    """Exchange a field of the strongest reasons of two rows."""

    def damage(rows: Rows) -> None:
        one = rows[0]["reasons"][0]
        other = next(
            row["reasons"][0] for row in rows[1:]
            if row["reasons"][0]["features"] == one["features"] and row["reasons"][0][name] != one[name]
        )  # fmt: skip
        one[name], other[name] = other[name], one[name]

    return damage


def twice(rows: Rows) -> None:
    rows[3]["reasons"].insert(1, dict(rows[3]["reasons"][0]))


def same_words(rows: Rows) -> None:
    rows[3]["reasons"][1]["words"] = rows[3]["reasons"][0]["words"]


def six(rows: Rows) -> None:
    named = {tuple(reason["features"]) for reason in rows[3]["reasons"]}
    extra = next(reason for reason in reasons(rows[4:]) if tuple(reason["features"]) not in named)
    rows[3]["reasons"].append({**extra, "contribution": 0.0001, "share": 1e-6})


def backwards(rows: Rows) -> None:
    rows[3]["reasons"].reverse()


def left_out(rows: Rows) -> None:
    rows[3]["other_contribution"] += rows[3]["reasons"].pop(0)["contribution"]


def moved_to_others(rows: Rows) -> None:
    """A reason weaker than it is, the sum still right."""
    reason = rows[3]["reasons"][-1]
    rows[3]["other_contribution"] += reason["contribution"] * 0.05
    reason["contribution"] *= 0.95
    reason["share"] *= 0.95


def smaller_whole(rows: Rows) -> None:
    for reason in rows[3]["reasons"]:
        reason["share"] *= 0.5
        reason["strength"] = (
            "slight" if reason["share"] < 0.08 else "moderate" if reason["share"] < 0.2 else "strong"
        )


def another_score(rows: Rows) -> None:
    row = rows[3]
    row["raw_score"] += 0.1
    row["other_contribution"] += 0.09
    row["probability"] = 1 / (1 + np.exp(-(0.9 * row["raw_score"] - 0.1)))


def another_chance(rows: Rows) -> None:
    rows[3]["probability"] += 0.01


def other_features(rows: Rows) -> None:
    one, other = rows[3]["reasons"][:2]
    one["features"], other["features"] = other["features"], one["features"]


def part_of_a_group(rows: Rows) -> None:
    next(reason for reason in reasons(rows) if len(reason["features"]) > 1)["features"].pop()


def other_entity(rows: Rows) -> None:
    rows[3]["entity_id"], rows[4]["entity_id"] = rows[4]["entity_id"], rows[3]["entity_id"]


def told_for_the_opposite(rows: Rows) -> None:
    reason = first(rows, "; usually every")
    reason["contribution"] *= -1
    reason["direction"] = flipped(reason["direction"])


def flipped(word: str) -> str:
    return {"raises": "lowers", "lowers": "raises"}[word]


DAMAGE: dict[str, tuple[str, Callable[[Rows], None]]] = {
    "sign flipped": ("direction", put("contribution", lambda value: -value)),
    "sign flipped, sum": ("sum", put("contribution", lambda value: -value)),
    "sign flipped, asked again": ("contribution", put("contribution", lambda value: -value)),
    "direction flipped": ("direction", put("direction", flipped)),
    "contribution of another row": ("sum", exchange("contribution")),
    "contribution moved to others": ("contribution", moved_to_others),
    "strength": ("strength", put("strength", lambda value: "strong" if value == "slight" else "slight")),
    "share": ("share", put("share", lambda value: value * 1.01)),
    "all shares": ("share", smaller_whole),
    "reason twice": ("group-twice", twice),
    "words twice": ("words-twice", same_words),
    "six reasons": ("too-many-reasons", six),
    "weakest first": ("order", backwards),
    "strongest left out": ("left-out", left_out),
    "another score": ("score", another_score),
    "another probability": ("sum", another_chance),
    "other features": ("untraceable", other_features),
    "part of a group": ("features", part_of_a_group),
    "unknown feature": ("features", put("features", lambda names: ["nothing_of_the_kind"])),
    "two entities exchanged": ("other-rows", other_entity),
    "a number": ("number", one_more(r"^\d+ \w+ in the last")),
    "a number of days": ("number", edit(r"(No \w+ for) \d+ days", r"\1 364 days")),
    "a usual gap": ("number", number_behind("usually every")),
    "what was before": ("number", number_behind("(?:up|down) from")),
    "an amount": ("number", number_behind(r"days: [£$€]")),
    "up for down": ("number", edit("up from", "down from")),
    "down for up": ("number", edit("down from", "up from")),
    "told for the opposite": ("other-way", told_for_the_opposite),
    "a rate of those alike": ("number", number_behind(r"(?:; (?=\d+% of such)|; of \w+ with .*?, )")),
    "what half have": ("number", number_behind("half of all .*? have")),
    "another window": ("untraceable", edit(r"in the last (30|90|180|365) days", "in the last 31 days")),
    "another currency": ("untraceable", edit("[£$€]", "¥")),
    "another level": ("untraceable", edit(r"^(\w[\w ]*: )[A-Za-z].*", r"\1something else")),
    "sentences of two rows exchanged": ("number", exchange("words")),
    "a cause": ("cause", edit("$", " because of the price")),
    "no sentence": ("empty", put("words", lambda value: None)),
    "a control character": ("characters", edit("$", "\u202e")),
    "far too long": ("characters", edit("$", "x" * 2_000)),
    "markup": ("markup", edit("$", "<b onclick=x>")),
    "value": ("value", put("value_number", lambda value: 12345.0)),
    "value of another row": ("value", exchange("value_text")),
    "tag": ("tag", put("tag", lambda value: "fixed" if value != "fixed" else "symptom")),
}  # fmt: skip


def damaged(batch: Batch, damage: Callable[[Rows], None]) -> pa.Table:
    rows = batch.scores.to_pylist()
    damage(rows)
    return pa.Table.from_pylist(rows, schema=batch.scores.schema)


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found(name: str, churn: Batch, conversion: Batch) -> None:
    code, damage = DAMAGE[name]
    for batch in (churn.part(SIZE), conversion.part(SIZE)):
        try:
            scores = damaged(batch, damage)
        except StopIteration:
            continue  # nobody in this batch is told such a thing
        found = {finding.code: finding for finding in batch.audited(scores).findings}
        assert code in found, sorted(found)
        assert found[code].count >= 1
        assert found[code].examples
        return
    pytest.fail("nobody is told such a thing")


def test_the_batches_are_well_before_the_damage(churn: Batch, conversion: Batch) -> None:
    assert churn.part(SIZE).audited().findings == conversion.part(SIZE).audited().findings == ()


def test_every_kind_of_finding_is_tried() -> None:
    elsewhere = {"contradiction", "protected"}
    assert {code for code, _ in DAMAGE.values()} == set(KINDS) - elsewhere


def test_a_protected_attribute_is_found_by_its_column(churn: Batch) -> None:
    told = {
        name for row in churn.scores["reasons"].to_pylist() for reason in row for name in reason["features"]
    }
    feature = next(each for each in churn.bundle.features if each.name in told and each.kind == "category")
    (finding,) = churn.audited(protected=[feature.column]).findings
    assert finding.code == "protected"
    assert churn.audited(protected=["nothing_told"]).findings == ()


def test_a_protected_attribute_is_found_by_its_name(churn: Batch) -> None:
    (finding,) = churn.audited(protected=["last"]).findings
    assert finding.code == "protected"
    assert any("the last" in example for example in finding.examples)


def test_a_refusal_says_how_many_which_and_what_to_do(churn: Batch) -> None:
    batch = churn.part(SIZE)
    found = batch.audited(damaged(batch, edit("$", " because of the price")))
    with pytest.raises(DataError) as raised:
        found.refuse()
    fault = next(fault for fault in raised.value.faults if fault.code == "audit-cause")
    assert (
        fault.found
        == f"1 of {found.sentences:,} sentences claim a cause, where only what goes together is known"
    )
    assert "Nothing was written" in str(fault)
    assert fault.count == 1
    assert fault.examples[0].startswith(str(batch.scores["entity_id"][0]))
    assert "because of the price" in fault.examples[0]
    assert raised.value.exit_code == 1
    assert "cause 1" in found.text()
    batch.audited().refuse()
