"""Every effect that the truth names is found again by a regression that sees what is hidden."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from salesml.crm.sample import laws
from salesml.crm.sample.block import Block
from salesml.crm.sample.effects import effects
from salesml.crm.sample.life import CONTENT, DRIFTING, NEVER, Lived

Floats = npt.NDArray[np.float64]
FAR = 4.0


def _regression(
    columns: dict[str, Floats], outcome: Floats, exposure: Floats
) -> dict[str, tuple[float, float]]:
    """Effects on the log of a rate, with their standard errors, of events at most one per row.

    P(event) = 1 - exp(-exposure * exp(columns @ effects)), by Fisher scoring.
    """
    design = np.column_stack([np.ones(len(outcome)), *columns.values()])
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(outcome.sum() / exposure.sum())
    for _ in range(25):
        rate = exposure * np.exp(design @ beta)
        chance = -np.expm1(-rate)
        score = design.T @ (rate * (outcome / chance - 1))
        information = (design * (rate**2 * np.exp(-rate) / chance)[:, None]).T @ design
        step = np.linalg.solve(information, score)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    return {name: (beta[i + 1], errors[i + 1]) for i, name in enumerate(columns)}


def _dummies(name: str, codes: npt.NDArray[np.int64], levels: int) -> dict[str, Floats]:
    """All levels but the first."""
    return {f"{name} {level}": (codes == level).astype(float) for level in range(1, levels)}


def _spans(company: list[Block]) -> dict[str, npt.NDArray[np.float64]]:
    """One row per open prospect and span of days, with what is hidden and what happened."""
    parts: list[dict[str, npt.NDArray[np.float64]]] = []
    for block in company:
        parts.extend(_spans_of(block))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _spans_of(block: Block) -> list[dict[str, npt.NDArray[np.float64]]]:
    pursuit, outcome, calendar = block.pursuit, block.outcome, block.plan.calendar
    starts, parts = calendar.span_starts, []
    contacts = np.zeros(len(pursuit.companies), np.int64)
    who, when = outcome.contacts
    for span in range(6 * calendar.months):
        start, end = int(starts[span]), int(starts[span + 1])
        rows = np.flatnonzero((pursuit.enters <= span) & (outcome.exit_day >= start))
        called = np.bincount(who[(when >= start) & (when < end)], minlength=len(contacts))
        before = contacts.copy()
        contacts += called
        ends = outcome.exit_day[rows] < end
        days = np.full(len(rows), float(calendar.working(start, end)))
        lived = days.copy()
        lived[ends] = (
            calendar.worked_before[outcome.exit_day[rows][ends]] - calendar.worked_before[start] + 0.5
        )
        age = np.searchsorted(laws.AGE_DAYS, start - pursuit.created[rows], side="right")
        parts.append(
            {
                "block": np.full(len(rows), block.number), "row": rows, "days": days, "lived": lived,
                "age": age,
                "month": np.full(len(rows), span // 6), "called": called[rows], "contacts": contacts[rows],
                "before": before[rows], "won": outcome.won[rows] & ends, "ends": ends,
            }
        )  # fmt: skip
    return parts


@pytest.fixture(scope="module")
def spans(company: list[Block]) -> dict[str, npt.NDArray[np.float64]]:
    return _spans(company[:3])


def _of(
    company: list[Block], spans: dict[str, npt.NDArray[np.float64]], get: object
) -> npt.NDArray[np.float64]:
    """A column of the prospects, by row of spans."""
    out = np.empty(len(spans["row"]))
    for number in np.unique(spans["block"]).astype(int):
        here = spans["block"] == number
        out[here] = get(company[number])[spans["row"][here].astype(int)]  # type: ignore[operator]
    return out


def _what_wins(company: list[Block], spans: dict[str, npt.NDArray[np.float64]]) -> dict[str, Floats]:
    def column(name: str) -> npt.NDArray[np.float64]:
        return _of(company, spans, lambda block: getattr(block.pursuit.companies, name))

    kind = _of(company, spans, lambda block: block.pursuit.reps.kind[block.pursuit.rep])
    effect = column("contact_effect")
    curve = laws.CONTACT_CURVE[np.minimum(spans["contacts"], 4).astype(int)]
    month = spans["month"].astype(int)
    calendar = company[0].plan.calendar
    industry, band = column("industry").astype(int), column("band").astype(int)
    return {
        **_dummies("industry", industry, 8),
        **_dummies("band", band, 5),
        **_dummies("country", column("country").astype(int), 5),
        **_dummies("source", column("source").astype(int), 5),
        **_dummies("kind", kind.astype(int), 3),
        **_dummies("age", spans["age"].astype(int), 5),
        "pair": ((industry == 0) & (band == 2)).astype(float),
        "company_age": column("seniority"),
        "need": laws.HIDDEN[column("hidden").astype(int)],
        "contact": effect * curve,
        "market": company[0].plan.market[month],
        "season": np.array([laws.WIN_SEASON[calendar.month_of_year(each)] for each in range(24)])[month],
    }


def test_what_wins_prospects(company: list[Block], spans: dict[str, npt.NDArray[np.float64]]) -> None:
    columns = _what_wins(company, spans)
    found = _regression(columns, spans["won"].astype(float), spans["lived"])
    true = {
        **_true("industry", laws.WIN_INDUSTRY), **_true("band", laws.WIN_BAND),
        **_true("country", laws.WIN_COUNTRY), **_true("source", laws.WIN_SOURCE),
        **_true("kind", laws.SKILL), **_true("age", laws.WIN_AGE),
        "pair": laws.WIN_PAIR, "company_age": laws.WIN_COMPANY_AGE, "need": laws.WIN_HIDDEN,
        "contact": 1.0, "market": laws.WIN_MARKET, "season": 1.0,
    }  # fmt: skip
    _agree(found, true)


def test_without_what_is_hidden_contact_gets_too_much_credit(
    company: list[Block], spans: dict[str, npt.NDArray[np.float64]]
) -> None:
    hidden = {"need", "kind 1", "kind 2"}
    columns = {name: each for name, each in _what_wins(company, spans).items() if name not in hidden}
    effect, error = _regression(columns, spans["won"].astype(float), spans["lived"])["contact"]
    assert effect > 1 + FAR * error


def test_whom_reps_contact(company: list[Block], spans: dict[str, npt.NDArray[np.float64]]) -> None:
    def column(name: str) -> npt.NDArray[np.float64]:
        return _of(company, spans, lambda block: getattr(block.pursuit.companies, name))

    month = spans["month"].astype(int)
    busy = np.empty(len(month))
    for number in range(3):
        here = spans["block"] == number
        block = company[number]
        rep = block.pursuit.rep[spans["row"][here].astype(int)]
        busy[here] = laws.BUSY[block.reps.busy[rep, month[here]]]
    liked = _of(
        company, spans,
        lambda block: block.reps.taste[block.pursuit.rep, block.pursuit.companies.industry],
    )  # fmt: skip
    pushy = _of(company, spans, lambda block: laws.PUSHY[block.reps.kind[block.pursuit.rep]])
    columns = {
        **_dummies("source", column("source").astype(int), 5),
        "size": column("size"),
        "need": laws.HIDDEN[column("hidden").astype(int)],
        "busy": busy,
        "liked": liked,
        "pushy": pushy,
    }
    found = _regression(columns, (spans["called"] > 0).astype(float), spans["days"])
    true = {
        **_true("source", laws.CONTACT_SOURCE), "size": laws.CONTACT_SIZE, "need": laws.CONTACT_HIDDEN,
        "busy": laws.CONTACT_BUSY, "liked": laws.CONTACT_TASTE, "pushy": laws.CONTACT_PUSHY,
    }  # fmt: skip
    _agree(found, true)


def test_what_makes_accounts_drift(company: list[Block]) -> None:
    """Among accounts content in one month and still there in the next."""
    rows = [part for block in company[:3] for part in _months(block)]
    month = {name: np.concatenate([part[name] for part in rows]) for name in rows[0]}
    columns = {
        **_dummies("industry", month["industry"].astype(int), 8),
        **_dummies("band", month["band"].astype(int), 5),
        **{name: month[name] for name in ("fit", "late", "rise", "busy", "pushy")},
    }
    found = _regression(columns, month["drifts"], np.ones(len(month["drifts"])))
    true = {
        **_true("industry", laws.DRIFT_INDUSTRY), **_true("band", laws.DRIFT_BAND),
        "fit": laws.DRIFT_FIT, "late": laws.DRIFT_LATE, "rise": laws.DRIFT_PRICE,
        "busy": laws.DRIFT_BUSY, "pushy": laws.DRIFT_PUSHY,
    }  # fmt: skip
    _agree(found, true)


def _months(block: Block) -> list[dict[str, Floats]]:
    book, calendar = block.book, block.plan.calendar
    late = np.zeros((len(book.companies), calendar.months))
    who, when = block.life.events("late")
    late[who, np.searchsorted(calendar.month_starts, when, side="right") - 1] = 1
    rise = np.zeros_like(late)
    for rows, days, size in block.life.rises:
        rise[rows, np.searchsorted(calendar.month_starts, days, side="right") - 1] = size
    fit = book.companies.fit + laws.FIT_HIDDEN * laws.HIDDEN[book.companies.quality]
    parts, before = [], None
    for status in Lived(book, block.plan.rng(block.number, 2)):
        state = np.full(len(book.companies), -1)
        state[status.there] = status.state
        if before is not None and status.month < calendar.months:
            # The status of a month holds the state of the month before; its causes lie one earlier.
            held = np.flatnonzero((before == CONTENT) & (state >= 0))
            cause = status.month - 2
            young = ~book.founding[held] & (status.month - 1 - book.enters[held] < 12)
            parts.append(
                {
                    "drifts": (state[held] == DRIFTING).astype(float),
                    "industry": book.companies.industry[held], "band": book.companies.band[held],
                    "fit": fit[held],
                    "late": late[held, cause], "rise": rise[held, cause], "busy": book.busy(cause)[held],
                    "pushy": (book.pushy[held] & young).astype(float),
                }
            )  # fmt: skip
        before = state
    return parts


def test_the_table_of_effects_says_what_the_laws_say() -> None:
    rows = effects().to_pylist()
    said = {(row["of"], row["attribute"], row["level"]): row["effect"] for row in rows}
    assert len(said) == len(rows)
    assert said["win", "source", "referral"] == laws.WIN_SOURCE[laws.SOURCES.index("referral")]
    assert said["win", "employees", "50 to 199"] == laws.WIN_BAND[2]
    assert said["lose", "days since created", "365 and more"] == laws.LOSE_AGE[-1]
    assert said["drift", "late delivery", "in the month before"] == laws.DRIFT_LATE


def test_every_effect_of_the_laws_is_in_the_table() -> None:
    """All numbers that are no level of a rate, no chance and no season."""
    said = [row["effect"] for row in effects(practices=True).to_pylist()]
    rates = ("WIN", "LOSE", "CONTACT", "VISIT", "FIT", "MONEY", "DRIFT", "REFER", "PRAISE", "ORDER")
    left_out = {"WIN_SEASON", "ORDER_SEASON", "ORDER_STATE", "CONTACT_CURVE", "MONEY_ACCOUNT", "MONEY_ORDER"}
    for name, value in vars(laws).items():
        if name.partition("_")[0] in rates and "_" in name and name not in left_out:
            assert set(np.atleast_1d(value)) <= set(said), name


def test_accounts_never_come_back(company: list[Block]) -> None:
    for block in company:
        ended = block.left < NEVER
        assert (block.left[ended] >= block.book.acquired[ended]).all()


def _true(name: str, values: Floats) -> dict[str, float]:
    """Against the first level."""
    return {f"{name} {level}": values[level] - values[0] for level in range(1, len(values))}


def _agree(found: dict[str, tuple[float, float]], true: dict[str, float]) -> None:
    assert found.keys() == true.keys()
    off = {name: (found[name][0] - true[name]) / found[name][1] for name in true}
    assert max(map(abs, off.values())) < FAR, off
    sharp = [name for name in true if abs(true[name]) > FAR * found[name][1]]
    assert len(sharp) > len(true) / 3, "too few effects stand out for this to be a test"
