"""The true probability that a prospect, once won, becomes an ideal customer.

Ideal is what ``models/fit.yaml`` says: the best fifth by a weighted sum of ranks over the first
year. Who is among them depends on all accounts, so there is no closed form: twenty thousand
accounts are lived through once, and a logistic regression on what drives an account's year (its
expected margin, its chance to stay, its readiness to refer) tells the chance, with what is left to
luck averaged out. Their seed is their own: the chance does not depend on the company's seed.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from salesml.crm.sample import laws
from salesml.crm.sample.calendar import Calendar
from salesml.crm.sample.companies import Companies, draw_companies
from salesml.crm.sample.life import KINDS, NEVER, QUALITY, Book, Lived
from salesml.crm.sample.life_ahead import first_year
from salesml.crm.sample.people import draw_reps

Floats = npt.NDArray[np.float64]

REFERENCE = 20_000
WEIGHTS = {"margin": 0.4, "repeat": 0.2, "kept": 0.2, "referrals": 0.2}
TOP = 0.2
YEAR = 365


def ideal(companies: Companies, busy_prior: Floats = laws.BUSY_PRIOR) -> Floats:
    """P(ideal, once won), companies by kinds (quality and whether a pushy rep wins them)."""
    drivers = _drivers(companies, busy_prior)
    coefficients, center, scale = _learned()
    log_odds = _terms((drivers - center) / scale) @ coefficients
    return np.asarray(1 / (1 + np.exp(-log_odds)), float)


def composite(parts: dict[str, Floats]) -> Floats:
    """Weighted sum of the ranks of the parts, each from 0 to 1, ties in the middle."""
    return np.asarray(sum(weight * _ranks(parts[name]) for name, weight in WEIGHTS.items()), float)


@lru_cache(maxsize=1)
def _learned() -> tuple[Floats, Floats, Floats]:
    """Coefficients of the regression, and centre and scale of what it looks at."""
    book, lived = _reference()
    score = composite(_year(book, lived))
    best = (score > np.quantile(score, 1 - TOP)).astype(float)
    drivers = _drivers(book.companies)[np.arange(len(score)), book.kind]
    center, scale = drivers.mean(axis=0), drivers.std(axis=0)
    return _logistic(_terms((drivers - center) / scale), best), center, scale


def _reference() -> tuple[Book, Lived]:
    """Accounts like those that are won, lived through for more than a year."""
    rng = np.random.default_rng(1)
    many = draw_companies(5 * REFERENCE, rng)
    chance = np.exp(np.minimum(many.win - laws.WIN, 1.6))
    companies = many[np.argsort(rng.random(len(many)) ** (1 / chance))[-REFERENCE:]]
    calendar = Calendar(14)
    reps = draw_reps(200, calendar.months, rng)
    rep = rng.integers(0, len(reps), REFERENCE)
    book = Book(
        companies=companies,
        acquired=rng.integers(0, 30, REFERENCE),
        enters=np.ones(REFERENCE, np.int64),
        founding=np.zeros(REFERENCE, bool),
        pushy=laws.PUSHY[reps.kind[rep]] > 0,
        pushed=np.full(REFERENCE, laws.KIND_SHARES[2]),
        rep=rep,
        rep_after=rep,
        handed=np.full(REFERENCE, NEVER),
        reps=reps,
        calendar=calendar,
    )
    lived = Lived(book, rng)
    for _ in lived:
        pass
    return book, lived


def _year(book: Book, lived: Lived) -> dict[str, Floats]:
    """The parts of the composite over the first year."""
    rng, companies, rows = np.random.default_rng(2), book.companies, len(book.companies)
    counts = {}
    for what in ("orders", "referral", "testimonial", "activities"):
        account, day = lived.life.events(what)
        counts[what] = np.bincount(account[day < book.acquired[account] + YEAR], minlength=rows)
    account = np.repeat(np.arange(rows), counts["orders"])
    spread = laws.MONEY_ORDER * rng.standard_normal(len(account)) - laws.MONEY_ORDER**2 / 2
    own = laws.MONEY_ACCOUNT * rng.standard_normal(rows) - laws.MONEY_ACCOUNT**2 / 2
    revenue = np.bincount(account, np.exp((companies.money + own)[account] + spread), minlength=rows)
    hours = companies.hours * (counts["activities"] + rng.poisson(1.5, rows))
    return {
        "margin": laws.MARGIN_RATE * revenue - laws.HOUR_COST * hours,
        "repeat": np.maximum(counts["orders"] - 1.0, 0),
        "kept": (lived.left >= book.acquired + YEAR).astype(float),
        "referrals": (counts["referral"] + counts["testimonial"]).astype(float),
    }


def _drivers(companies: Companies, busy_prior: Floats = laws.BUSY_PRIOR) -> Floats:
    """What decides an account's year, companies by kinds by 4."""
    margin, kept = first_year(companies, busy_prior)
    goodness = companies.fit[:, None] + laws.FIT_HIDDEN * QUALITY
    hours = np.repeat(companies.hours[:, None], KINDS, axis=1)
    return np.stack([np.log(margin), np.log(kept / (1 - kept)), goodness, hours], axis=2)


def _terms(drivers: Floats) -> Floats:
    """Up to third powers of the first three, products of two, and the last as it is."""
    first = [drivers[..., number] for number in range(drivers.shape[-1])]
    squares = [first[i] * first[j] for i in range(3) for j in range(i, 3)]
    cubes = [first[i] * first[j] * first[k] for i in range(3) for j in range(i, 3) for k in range(j, 3)]
    return np.stack([np.ones_like(first[0]), *first, *squares, *cubes], axis=-1)


def _logistic(terms: Floats, outcome: Floats) -> Floats:
    """Newton's method with a trace of ridge."""
    coefficients = np.zeros(terms.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-terms @ coefficients))
        curvature = (terms * (chance * (1 - chance))[:, None]).T @ terms + 1e-3 * np.eye(len(coefficients))
        step = np.linalg.solve(curvature, terms.T @ (outcome - chance) - 1e-3 * coefficients)
        coefficients = coefficients + step
        if float(np.abs(step).max()) < 1e-9:
            break
    return coefficients


def _ranks(values: Floats) -> Floats:
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    return np.asarray((below + upto) / 2 / len(values), float)
