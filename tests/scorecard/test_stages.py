"""Stages by hand: their order, and who goes on from each."""

from __future__ import annotations

import pytest

from salesml.scorecard.checks.stages import stage_metrics
from tests.scorecard.prospecting import company, figure

HAVE = frozenset({"stages", "prospects.won_at", "prospects"})


def test_stages_stand_in_their_order_and_lead_to_winning():
    """Whoever signs is won; who is gone is lost: neither is gone on from, and to be gone is not to go on."""
    con = company()
    metrics = {each.title: each for each in stage_metrics(con, HAVE)}
    assert list(metrics) == ["From stage new onward", "From stage called onward", "From stage offer onward"]
    assert figure(con, metrics["From stage new onward"])[0] == 1.0
    assert figure(con, metrics["From stage called onward"])[0] == pytest.approx(30 / 40)
    assert figure(con, metrics["From stage offer onward"])[0] == pytest.approx(20 / 30)


def test_a_stage_named_with_a_quote_is_read():
    con = company()
    con.execute("UPDATE stages SET stage = 'rep''s \"offer\"' WHERE stage = 'offer'")
    metrics = [each for each in stage_metrics(con, HAVE) if "offer" in each.title]
    assert figure(con, metrics[0])[0] == pytest.approx(20 / 30)


def test_without_stages_there_are_no_such_metrics():
    (missing,) = stage_metrics(company(), HAVE - {"stages"})
    assert missing.title == "From each stage onward"
    assert "stages" in missing.base.needs
