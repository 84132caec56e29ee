"""What executors count while they score, added up on the driver when a task has ended well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa

from salesml.model.bundle import Bundle
from salesml.model.columns import as_levels
from salesml.model.level_shares import OTHER
from salesml.scoring.audit import Audit, Finding
from salesml.scoring.audit.result import KINDS, SHOWN


@dataclass(frozen=True)
class Counted:
    """Rows, audited sentences and levels of attributes of some batches.

    Parameters
    ----------
    rows : int
        Rows of the score table.
    noted : int
        Of them, those who could not be scored at all.
    sentences, recomputed : int
        As :class:`salesml.scoring.audit.Audit` has them.
    findings : mapping of str to Finding
        What the audit found, by code.
    levels : mapping of str to Counter
        For each watched attribute, how many rows have each level that is known from training.
    """

    rows: int = 0
    noted: int = 0
    sentences: int = 0
    recomputed: int = 0
    findings: Mapping[str, Finding] = field(default_factory=dict)
    levels: Mapping[str, Counter[str]] = field(default_factory=dict)

    def __add__(self, other: Counted) -> Counted:
        return Counted(
            self.rows + other.rows,
            self.noted + other.noted,
            self.sentences + other.sentences,
            self.recomputed + other.recomputed,
            {
                code: _together([each.findings[code] for each in (self, other) if code in each.findings])
                for code in KINDS
                if code in self.findings or code in other.findings
            },
            {
                name: self.levels.get(name, Counter()) + other.levels.get(name, Counter())
                for name in self.levels.keys() | other.levels.keys()
            },
        )

    @classmethod
    def of(cls, rows: pa.Table, audited: Audit, bundle: Bundle) -> Counted:
        """What a batch holds that has been scored and audited."""
        findings = {finding.code: finding for finding in audited.findings}
        return cls(
            rows=len(rows),
            sentences=audited.sentences,
            recomputed=audited.recomputed,
            findings=findings,
            levels=_levels(rows, bundle),
        )

    def audit(self) -> Audit:
        """The audits of all batches as one."""
        return Audit(self.rows - self.noted, self.sentences, self.recomputed, tuple(self.findings.values()))

    def shares(self, bundle: Bundle) -> dict[str, dict[str, float]]:
        """How the levels of each watched attribute are spread over the rows, as a bundle keeps it."""
        size = self.rows - self.noted
        found = {}
        for name, counts in self.levels.items():
            known = [level for level in bundle.level_shares[name] if level != OTHER]
            shares = {level: counts[level] / size for level in known}
            found[name] = {**shares, OTHER: max(0.0, 1.0 - sum(shares.values()))}
        return found


class Adding:
    """How Spark's accumulators add: see ``pyspark.accumulators.AccumulatorParam``."""

    def zero(self, value: Counted) -> Counted:
        """Where a task begins."""
        return Counted()

    def addInPlace(self, one: Counted, other: Counted) -> Counted:  # noqa: N802
        """The sum."""
        return one + other


def _together(found: list[Finding]) -> Finding:
    examples = sorted({example for each in found for example in each.examples})[:SHOWN]
    return Finding(found[0].code, sum(each.count for each in found), tuple(examples))


def _levels(rows: pa.Table, bundle: Bundle) -> dict[str, Counter[str]]:
    found = {}
    for feature in bundle.features:
        known = bundle.level_shares.get(feature.name)
        if known and feature.name in rows.column_names:
            counts = rows[feature.name].combine_chunks().value_counts().to_pylist()
            levels = as_levels(pd.Series([each["values"] for each in counts], dtype=object))
            spread: Counter[str] = Counter()
            for level, each in zip(levels, counts, strict=True):
                if level in known and level != OTHER:
                    spread[level] += each["counts"]
            found[feature.name] = spread
    return found
