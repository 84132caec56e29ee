"""Did selling become cheaper for the same customers: factors by hand, and the planted rise of costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from salesml.config import read_spec
from salesml.config.scorecard import ScorecardSpec
from salesml.crm import CRM
from salesml.crm.sample import sample
from salesml.crm.sample.tables_of_team import DEARER
from salesml.scorecard.ask import ask
from salesml.scorecard.checks.thrift import FACTORS, Years, factors, thrift
from salesml.scorecard.facts import make_facts


def two_years(**changed: Any) -> Years:
    """One rep: 100 hours for 10 accounts won, 50 for 100 months of customers, in both years alike."""
    both = Years(
        cost=np.array([[3000.0], [3000.0]]),
        months=np.array([[12.0], [12.0]]),
        worked=np.array([[150.0], [150.0]]),
        revenue=np.array([[9000.0], [9000.0]]),
        hours=np.array([[[100.0, 50.0]], [[100.0, 50.0]]]),
        output=np.array([[[10.0, 100.0]], [[10.0, 100.0]]]),
    )
    return replace(both, **changed)


def found(years: Years) -> dict[str, float]:
    return dict(zip(FACTORS, factors(years, np.ones((1, 1)))[0], strict=True))


def test_nothing_changes_where_nothing_changed():
    assert found(two_years()) == pytest.approx(dict.fromkeys(FACTORS, 1.0))


def test_pay_alone_makes_the_same_dearer():
    dearer = found(two_years(cost=np.array([[3000.0], [3120.0]])))
    assert dearer == pytest.approx(
        {"total": 1.04, "like for like": 1.04, "pay": 1.04, "hours": 1, "effort": 1, "rest": 1}
    )


def test_more_customers_of_the_cheap_kind_are_no_thrift():
    """Twice the months of customers at half an hour each: cost per revenue falls, hours for the same not."""
    cheap = found(
        two_years(
            hours=np.array([[[100.0, 50.0]], [[100.0, 100.0]]]),
            output=np.array([[[10.0, 100.0]], [[10.0, 200.0]]]),
            worked=np.array([[150.0], [200.0]]),
            cost=np.array([[3000.0], [4000.0]]),
            months=np.array([[12.0], [16.0]]),
            revenue=np.array([[9000.0], [18000.0]]),
        )
    )
    assert cheap["effort"] == pytest.approx(1.0)
    assert cheap["like for like"] == pytest.approx(1.0)
    assert cheap["total"] == pytest.approx(4000 / 18000 / (3000 / 9000))


def test_effort_is_fishers_index():
    years = two_years(
        hours=np.array([[[100.0, 50.0]], [[60.0, 120.0]]]),
        output=np.array([[[10.0, 100.0]], [[12.0, 160.0]]]),
    )
    then = (60 / 12 * 10 + 120 / 160 * 100) / (100 + 50)
    now = (60 + 120) / (100 / 10 * 12 + 50 / 100 * 160)
    assert found(years)["effort"] == pytest.approx((then * now) ** 0.5)


def test_output_of_a_kind_that_one_year_lacks_is_left_out():
    years = two_years(output=np.array([[[10.0, 100.0]], [[0.0, 100.0]]]))
    assert found(years)["effort"] == pytest.approx(1.0)


def test_a_year_without_revenue_cannot_be_compared():
    assert np.isnan(found(two_years(revenue=np.array([[0.0], [0.0]])))["total"])


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("company")
    sample(folder, size=2000, seed=11, days=1095)
    crm = CRM.open(folder / "crm.yaml")
    asked = ask(ScorecardSpec(), read_spec(folder / "models" / "churn.yaml"), crm)
    with crm.connect(threads=1) as con:
        make_facts(con, asked)
        return thrift(con, asked.have)


def test_the_planted_rise_of_costs_is_found(changes):
    pay = changes[changes["factor"] == "pay"]
    assert len(pay) == 2
    assert (pay["low"].to_numpy() < 1 + DEARER).all()
    assert (pay["high"].to_numpy() > 1 + DEARER).all()
    assert all("rose by" in words for words in pay["words"])
    assert not any("no more than chance" in words for words in pay["words"])


def test_factors_multiply_to_the_total(changes):
    wide = changes.pivot_table(index="start", columns="factor", values="value")
    assert np.allclose(wide["pay"] * wide["hours"] * wide["effort"], wide["like for like"])
    assert np.allclose(wide["like for like"] * wide["rest"], wide["total"])
