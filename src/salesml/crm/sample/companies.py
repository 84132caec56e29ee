"""The companies of a block, as far as anybody can know them, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from salesml.crm.sample import laws

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Companies:
    """Columns as arrays; categories are numbers into the lists of ``laws``."""

    industry: Ints
    country: Ints
    source: Ints
    employees: Ints
    company_age: Ints
    hidden: Ints
    quality: Ints
    budget_known: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.industry)

    def __getitem__(self, rows: Ints) -> Companies:
        return Companies(**{name: value[rows] for name, value in vars(self).items() if name in _FIELDS})

    @cached_property
    def band(self) -> Ints:
        return np.searchsorted(np.array(laws.BANDS), self.employees, side="right")

    @cached_property
    def size(self) -> Floats:
        """Standardised logarithm of employees."""
        return np.asarray((np.log(self.employees) - np.log(40)) / 1.3)

    @cached_property
    def seniority(self) -> Floats:
        """Standardised logarithm of the company's age."""
        return np.asarray((np.log1p(self.company_age) - 2.3) / 0.8)

    @cached_property
    def win(self) -> Floats:
        """Log rate of being won, without age, market, contact and what is hidden."""
        pair = (self.industry == 0) & (self.band == 2)
        return np.asarray(
            laws.WIN
            + laws.WIN_INDUSTRY[self.industry]
            + laws.WIN_BAND[self.band]
            + laws.WIN_COUNTRY[self.country]
            + laws.WIN_SOURCE[self.source]
            + laws.WIN_COMPANY_AGE * self.seniority
            + laws.WIN_PAIR * pair
        )

    @cached_property
    def lose(self) -> Floats:
        return np.asarray(laws.LOSE + laws.LOSE_BAND[self.band] + laws.LOSE_SOURCE[self.source])

    @cached_property
    def contact(self) -> Floats:
        return np.asarray(laws.CONTACT + laws.CONTACT_SOURCE[self.source] + laws.CONTACT_SIZE * self.size)

    @cached_property
    def contact_effect(self) -> Floats:
        """What the first contact adds to the log rate of being won."""
        return np.asarray(
            laws.CONTACT_EFFECT
            + laws.CONTACT_EFFECT_SOURCE[self.source]
            + laws.CONTACT_EFFECT_SIZE * np.clip(self.size, -1.5, 1.5)
        )

    @cached_property
    def hours(self) -> Floats:
        """Mean hours of a contact: large companies are visited."""
        return np.asarray(laws.HOURS_CALL + self.visited * (self.visit_hours - laws.HOURS_CALL))

    @cached_property
    def visit_hours(self) -> Floats:
        return np.asarray(laws.HOURS_VISIT + laws.HOURS_ABROAD * (self.country > 0))

    @cached_property
    def visited(self) -> Floats:
        """Share of contacts that are visits."""
        return np.asarray(1 / (1 + np.exp(-laws.VISITED - laws.VISITED_SIZE * self.size)), float)

    @cached_property
    def visit(self) -> Floats:
        return np.asarray(laws.VISIT + laws.VISIT_SOURCE[self.source])

    @cached_property
    def fit(self) -> Floats:
        """How good an account it makes, without the hidden quality."""
        return np.asarray(
            laws.FIT_INDUSTRY[self.industry]
            + laws.FIT_SOURCE[self.source]
            + laws.FIT_COUNTRY[self.country]
            + laws.FIT_COMPANY_AGE * self.seniority
        )

    @cached_property
    def money(self) -> Floats:
        """Log of the mean revenue of an order."""
        return np.asarray(laws.MONEY + laws.MONEY_SIZE * self.size + laws.MONEY_INDUSTRY[self.industry])

    @cached_property
    def drift(self) -> Floats:
        """Log rate a month of beginning to drift, without quality and what happens."""
        return np.asarray(
            laws.DRIFT
            + laws.DRIFT_INDUSTRY[self.industry]
            + laws.DRIFT_BAND[self.band]
            + laws.DRIFT_FIT * self.fit
        )

    @cached_property
    def drift_shifted(self) -> Floats:
        """The same after a shift of the market."""
        return np.asarray(
            self.drift
            + laws.SHIFT_DRIFT
            + laws.SHIFT_DRIFT_INDUSTRY[self.industry]
            + laws.SHIFT_DRIFT_BAND[self.band]
        )

    @cached_property
    def late(self) -> Floats:
        """Chance that a month has a late delivery."""
        return np.asarray(laws.LATE + laws.LATE_ABROAD * (self.country > 0))


_FIELDS = tuple(Companies.__dataclass_fields__)


def draw_companies(rows: int, rng: np.random.Generator) -> Companies:
    """Companies at random."""
    hidden = rng.choice(5, rows, p=laws.HIDDEN_PRIOR)
    log_odds = laws.BUDGET_KNOWN + laws.BUDGET_KNOWN_HIDDEN * laws.HIDDEN[hidden]
    return Companies(
        industry=rng.choice(len(laws.INDUSTRIES), rows, p=laws.SHARES["industry"]),
        country=rng.choice(len(laws.COUNTRIES), rows, p=laws.SHARES["country"]),
        source=rng.choice(len(laws.SOURCES), rows, p=laws.SHARES["source"]),
        employees=np.clip(np.exp(np.log(40) + 1.3 * rng.standard_normal(rows)), 1, 50_000).astype(np.int64),
        company_age=np.clip(rng.gamma(1.6, 9, rows), 0, 150).astype(np.int64),
        hidden=hidden,
        quality=rng.choice(5, rows, p=laws.HIDDEN_PRIOR),
        budget_known=rng.random(rows) < 1 / (1 + np.exp(-log_odds)),
    )
