"""Nothing disappears without a word: whatever table a company lacks, all that it takes along is named."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from salesml.crm import CRM
from salesml.scorecard import scorecard
from salesml.scorecard.metric import CHECKS
from salesml.scorecard.missing import NO_CASES, missing_table
from salesml.scorecard.registry import all_tables
from salesml.scorecard.run import Scorecard
from salesml.scorecard.schema import Column, Table
from tests.scorecard.small import TABLES, company, tables

CHECK_OF = {each.name: each.check for each in all_tables() if each.check}


def whole() -> dict[str, pd.DataFrame]:
    """The small company with prospects, half of them won, that were worked on and went through stages."""
    given = tables()
    days = pd.date_range("2024-01-03", "2025-12-20", freq="4D")
    ids = [f"P{number:03}" for number in range(len(days))]
    won = [number % 2 == 0 for number in range(len(days))]
    prospects = pd.DataFrame(
        {"id": ids, "created": days, "rep": ["R1", "R2"] * (len(ids) // 2) + ["R1"] * (len(ids) % 2)}
    )
    prospects["won"] = [
        day + pd.Timedelta(days=20) if each else pd.NaT for day, each in zip(days, won, strict=True)
    ]
    prospects["lost"] = [
        pd.NaT if each else day + pd.Timedelta(days=30) for day, each in zip(days, won, strict=True)
    ]
    prospects["account"] = [f"A{number % 12:02}" if each else None for number, each in enumerate(won)]
    prospects["amount"], prospects["reason"] = 500.0, "price"
    given["prospects"] = prospects
    calls = pd.DataFrame({"day": days + pd.Timedelta(days=2), "rep": prospects["rep"], "prospect": ids})
    given["activities"] = pd.concat([given["activities"], calls.assign(kind="call", hours=2.0, cost=60.0)])
    entered = [
        (name, stage, day + pd.Timedelta(days=after))
        for name, day in zip(ids, days, strict=True)
        for stage, after in (("new", 0), ("offer", 10))
    ]
    given["stages"] = pd.DataFrame(entered, columns=["prospect", "stage", "at"])
    given["feedback"] = answers(given["assignments"])
    given["market"] = pd.DataFrame(
        {
            "period": pd.date_range("2024-01-01", "2025-12-01", freq="MS"),
            "index": [float(number * 7 % 11) for number in range(24)],
        }
    )
    return given


def answers(books: pd.DataFrame) -> pd.DataFrame:
    """Each account is answered twice a quarter, as `salesml feedback export` writes it: some leave."""
    rows = [
        {"account_id": book.account, "prospect_id": None, "rep_id": book.rep, "by": "kim", "model": "churn",
         "at": day + pd.Timedelta(days=3), "as_of": day, "what": what, "probability": 0.3, "band": "A",
         "pick_probability": 1.0, "reason": "orders_30d", "reason_words": "Fewer orders",
         "withdrawn_at": None, "label": int(number % 5 == 0)}
        for number, book in enumerate(books.itertuples())
        for day in pd.date_range("2024-02-01", "2025-11-01", freq="QS")
        for what in ("contacted", "reason-is-wrong")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def computed(found: Scorecard) -> dict[str, int]:
    """The figures and tables that there is something of, and their checks."""
    figures, defined = found.tables["figures"], found.tables["definitions"]
    company_wide = figures[(figures["level"] == "company") & figures["value"].notna() & figures["complete"]]
    checks = dict(zip(defined["metric"], defined["check"], strict=True))
    there = {name: checks[name] for name in set(company_wide["metric"])}
    return there | {name: check for name, check in CHECK_OF.items() if len(found.tables.get(name, ()))}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    path = company(tmp_path_factory.mktemp("whole") / "company", whole())
    return computed(scorecard(CRM.open(path), threads=1))


def test_with_every_table_each_check_has_something_but_fit(everything: dict[str, int]) -> None:
    assert set(everything.values()) == set(CHECKS) - {2}
    assert {"cost_of_revenue", "win_rate", "time_in_stages", "conditions", "attainment", "practices"} <= set(
        everything
    )


@pytest.mark.parametrize("table", sorted(set(TABLES) - {"history"}))
def test_what_a_table_takes_along_is_named_with_it(
    tmp_path: Path, everything: dict[str, int], table: str
) -> None:
    found = scorecard(CRM.open(company(tmp_path / "company", whole(), without=(table,))), threads=1)
    missing = found.tables["missing"].set_index("name")
    gone = {name: check for name, check in everything.items() if name not in computed(found)}
    for name, check in gone.items():
        assert name in missing.index, name
        assert missing.loc[name, "check"] == check
        assert table in missing.loc[name, "lacks"], name
        assert "It would tell this: " in missing.loc[name, "words"]
    report = found.report()
    for words in missing["words"].head(5):
        assert words.split(":")[0].split("'")[0] in report
    if table not in ("reps", "assignments"):
        assert gone


def declared(**given: object) -> Table:
    return Table(
        name="t",
        meaning="How it goes",
        check=3,
        title="T?",
        columns=(Column(name="a", type="text", meaning=""),),
        **given,
    )  # type: ignore[arg-type]


DEFINED = pd.DataFrame({"metric": ["m"], "check": [1], "title": ["M"], "how": ["So"], "missing": ["costs"]})


def test_a_figure_and_a_table_say_what_they_lack_and_what_they_would_tell() -> None:
    found = missing_table(
        pd.DataFrame(), DEFINED, {}, [declared(needs=("costs", "market"))], frozenset({"market"})
    )
    assert list(found["lacks"]) == ["costs", "costs"]
    assert list(found["words"]) == [
        "M: not computed, for want of costs in crm.yaml. It would tell this: So.",
        "T: not computed, for want of costs in crm.yaml. It would tell this: How it goes.",
    ]


def test_of_scores_it_is_said_which_ones_and_why() -> None:
    found = missing_table(pd.DataFrame(), DEFINED.assign(missing="scores.fit"), {}, [], frozenset())
    assert (
        found["words"]
        .item()
        .startswith("M: not computed, for want of scores of the model fit (option --scores).")
    )
    assert "Fit is judged by what was said before a win" in found["words"].item()


def test_where_nothing_is_lacking_but_cases_that_is_said() -> None:
    defined = DEFINED.assign(missing="")
    empty = {"t": pd.DataFrame({"a": []})}
    found = missing_table(pd.DataFrame(), defined, empty, [declared(needs=("costs",))], frozenset({"costs"}))
    assert list(found["words"]) == [
        f"M: {NO_CASES}. It would tell this: So.", f"T: {NO_CASES}. It would tell this: How it goes.",
    ]  # fmt: skip
    found = missing_table(
        pd.DataFrame(), defined, {}, [declared(empty="no practice was shared")], frozenset()
    )
    assert found["words"].iloc[1] == "T: no practice was shared. It would tell this: How it goes."


def test_what_there_is_is_not_missing() -> None:
    figures = pd.DataFrame({"metric": ["m"], "level": ["company"], "value": [1.0], "complete": [True]})
    there = {"t": pd.DataFrame({"a": ["x"]})}
    assert missing_table(figures, DEFINED.assign(missing=""), there, [declared()], frozenset()).empty
