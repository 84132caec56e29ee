"""Everything a backtest found, before it is told, drawn and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from salesml.config import Spec
from salesml.lifecycle.backtest.keep import plain
from salesml.lifecycle.backtest.plan import Plan
from salesml.lifecycle.backtest.pooled import Pooled, pool
from salesml.lifecycle.backtest.replay import Played
from salesml.lifecycle.backtest.stability import Stability, stability
from salesml.lifecycle.backtest.tables import table
from salesml.lifecycle.backtest.verdict import Outlook, judge_backtest
from salesml.lifecycle.fit import versions
from salesml.model.screening import Screening
from salesml.snapshots import Snapshot


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """The dates of a backtest, compared, pooled and judged.

    Parameters
    ----------
    steps : tuple of Stability or None
        Each date against the date before; None for the first.
    screening : Screening or None
        What the checks before training found; None where none were made.
    """

    spec: Spec
    currency: str
    plan: Plan
    snapshot: Snapshot
    played: tuple[Played, ...]
    steps: tuple[Stability | None, ...]
    pooled: Pooled | None
    outlook: Outlook
    table: pd.DataFrame
    screening: Screening | None = None

    @classmethod
    def of(
        cls,
        spec: Spec,
        currency: str,
        plan: Plan,
        snapshot: Snapshot,
        played: Sequence[Played],
        screening: Screening | None = None,
    ) -> Replayed:
        """Compare, pool and judge dates that have been played."""
        steps = tuple(stability(before, now) for before, now in pairwise(played))
        pooled = pool(played, reach_days=spec.horizon_days + spec.gap_days)
        return cls(
            spec=spec, currency=currency, plan=plan, snapshot=snapshot, played=tuple(played),
            steps=(None, *steps), pooled=pooled, outlook=judge_backtest(played, steps, pooled),
            table=table(played, (None, *steps)), screening=screening,
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Every figure as plain data; no row of the data is among them."""
        return {
            "name": self.spec.name, "task": self.spec.task, "outlook": self.outlook.as_dict(),
            "params": self._params(),
            "findings": [finding.as_dict() for finding in self.screening.findings] if self.screening else [],
            "pooled": plain(self.pooled.as_dict()) if self.pooled else None,
            "dates": [
                {
                    **plain(row), "seconds": round(each.seconds, 2),
                    "evaluation": plain(each.evaluation.as_dict()) if each.evaluation else None,
                    "kept": plain(asdict(step)) if step else None,
                }
                for row, each, step in zip(
                    self.table.to_dict("records"), self.played, self.steps, strict=True
                )
            ],
        }  # fmt: skip

    def _params(self) -> dict[str, Any]:
        spec = self.spec
        return {
            "horizon_days": spec.horizon_days, "gap_days": spec.gap_days, "label": spec.label.kind,
            "train_dates_at_most": spec.as_of.train, "dates": len(self.plan.turns), "currency": self.currency,
            **{f"learner.{key}": value for key, value in spec.learner.items()},
            **{f"version.{key}": value for key, value in versions().items()},
        }  # fmt: skip
