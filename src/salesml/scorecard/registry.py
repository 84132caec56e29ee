"""All metrics of the scorecard, in the order of the report, and what each needs of the company's tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from salesml.scorecard.checks import answered, costs, hours, kept, outcomes, resemble, steady
from salesml.scorecard.declared import FURTHER
from salesml.scorecard.facts import Asked
from salesml.scorecard.metric import CHECKS, Metric
from salesml.scorecard.schema import Table
from salesml.scorecard.tables import COMMON


@dataclass(frozen=True)
class Missing:
    """A metric that cannot be computed, and what it lacks."""

    metric: Metric
    lacks: tuple[str, ...]

    def sentence(self) -> str:
        """What is missing, and what it could tell."""
        lacks = " and ".join(self.lacks)
        return f"{self.metric.title}: crm.yaml has no {lacks}, which it is computed from"


def all_metrics(asked: Asked) -> tuple[Metric, ...]:
    """Every metric, whatever the tables hold."""
    return (
        *kept.metrics(asked.spec.early_months),
        *resemble.METRICS,
        *steady.metrics(asked.spec.early_months),
        *costs.METRICS,
        *hours.METRICS,
        *outcomes.METRICS,
        *answered.metrics(asked.churn.horizon_days + asked.churn.gap_days),
    )


def all_tables() -> tuple[Table, ...]:
    """Every declared table; those of a check follow the common ones."""
    return (*COMMON, *FURTHER)


def available(
    metrics: Iterable[Metric], have: frozenset[str]
) -> tuple[tuple[Metric, ...], tuple[Missing, ...]]:
    """Metrics whose tables are there, and the others."""
    found, missing = [], []
    for metric in metrics:
        lacks = tuple(need for need in metric.base.needs if need not in have)
        if lacks:
            missing.append(Missing(metric, lacks))
        else:
            found.append(metric)
    return tuple(found), tuple(missing)


def definitions(metrics: Iterable[Metric], missing: Iterable[Missing] = ()) -> pd.DataFrame:
    """A row for each metric: what report, docs and other tables take its words from."""
    lacks = {each.metric.name: ", ".join(each.lacks) for each in missing}
    return pd.DataFrame(
        {
            "metric": each.name,
            "check": each.check,
            "check_title": CHECKS[each.check],
            "title": each.title,
            "how": each.how,
            "unit": each.unit,
            "good": each.good,
            "cases": each.cases,
            "least": each.least,
            "needs": ", ".join(each.base.needs),
            "missing": lacks.get(each.name, ""),
        }
        for each in metrics
    )
