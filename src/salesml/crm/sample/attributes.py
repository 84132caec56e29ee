"""What a CRM keeps of a company, with what is wrong in it: gaps, odd spellings, columns of noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from salesml.crm.sample import columns, laws
from salesml.crm.sample.companies import Companies

MISSPELT = 0.01
REVENUE_MISSING = 0.12
CAMPAIGNS = tuple(f"C{number:02d}" for number in range(1, 25))


def attributes(companies: Companies, rng: np.random.Generator) -> dict[str, Any]:
    """The attributes that prospects and accounts share."""
    rows = len(companies)
    revenue = companies.employees * np.exp(11.3 + 0.5 * rng.standard_normal(rows))
    return {
        "company": columns.names(rng, rows),
        "industry": _industry(companies, rng),
        "country": columns.one_of(laws.COUNTRIES, companies.country),
        "source": columns.one_of(laws.SOURCES, companies.source),
        "employees": pa.array(companies.employees),
        "company_age": pa.array(companies.company_age),
        "annual_revenue": pa.array(np.round(revenue, -3), mask=rng.random(rows) < REVENUE_MISSING),
        "campaign": columns.one_of(CAMPAIGNS, rng.integers(0, len(CAMPAIGNS), rows)),
        "desk": pa.array(rng.integers(1, 1000, rows)),
    }


def budget(companies: Companies, rng: np.random.Generator) -> Any:
    """Known more often where the need is great; how large it is says nothing beyond the size."""
    amount = companies.employees * np.exp(5 + 0.7 * rng.standard_normal(len(companies)))
    return pa.array(np.round(amount, -2), mask=~companies.budget_known)


def expected_amount(companies: Companies, rng: np.random.Generator) -> Any:
    """What a rep hopes for in a year: right on average for companies of that size and industry."""
    return columns.money(12 * np.exp(companies.money + 0.4 * rng.standard_normal(len(companies))))


def _industry(companies: Companies, rng: np.random.Generator) -> Any:
    """One in a hundred is spelt otherwise."""
    spelt = [*laws.INDUSTRIES, *(f" {name.upper()}" for name in laws.INDUSTRIES)]
    odd = rng.random(len(companies)) < MISSPELT
    return columns.one_of(spelt, companies.industry + len(laws.INDUSTRIES) * odd)
