"""What a won prospect is worth and what hours it takes: learned, tested and told in words at training."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from salesml.config import Spec
from salesml.crm import CRM
from salesml.lifecycle.fit import Tested
from salesml.lifecycle.progress import Say
from salesml.lifecycle.rows import Rows, rows_of
from salesml.lifecycle.screened import without
from salesml.model.amount import AmountModel
from salesml.model.amount_evaluation import AmountEvaluation, evaluate_amount, one_column
from salesml.model.amount_fit import fit_amount
from salesml.model.amounts import Amounts
from salesml.model.expected import chance_uncertainty
from salesml.model.faults import InputError
from salesml.model.uncertainty import Uncertainty
from salesml.snapshots import take
from salesml.snapshots.worth import Worth, has_hours, has_value, value_dates, worth

Floats = NDArray[np.float64]

FLOOR = 0.05
"""Hours are never expected to be fewer than this share of decided prospects took."""
FOLDS = 5
HEADS = {"value": "What a won prospect is worth", "hours": "Hours still to be spent"}


@dataclass(frozen=True, kw_only=True)
class Told:
    """One model of an amount, how it did on rows it had not seen, and remarks; or why there is none."""

    model: AmountModel | None = None
    evaluation: AmountEvaluation | None = None
    remarks: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class FittedAmounts:
    """The models of amounts of a training, or none of them, and what is told of them."""

    models: Amounts | None = None
    told: dict[str, Told] = field(default_factory=dict)
    sql: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """Files of the run folder."""
        if not self.told:
            return {}
        figures = {
            name: {
                "says": each.model.says if each.model else "",
                "remarks": list(each.remarks),
                "evaluation": each.evaluation.as_dict() if each.evaluation else None,
            }
            for name, each in self.told.items()
        }
        found = {"amounts.json": json.dumps(figures, indent=2) + "\n"}
        return found | ({"worth.sql": self.sql + "\n"} if self.sql else {})

    def metrics(self) -> dict[str, float]:
        """The figures of each amount, as ``value.ratio``, ``value.ratio_low``, ``value.ratio_high``."""
        found: dict[str, float] = {}
        for name, each in self.told.items():
            if not each.evaluation:
                continue
            found |= {f"{name}.rows": each.evaluation.rows, f"{name}.positive": each.evaluation.positive}
            for key, figure in each.evaluation.figures.items():
                found |= {f"{name}.{key}": figure.value}
                found |= {f"{name}.{key}_low": figure.low, f"{name}.{key}_high": figure.high}
        return {name: float(value) for name, value in found.items()}

    def card(self) -> str:
        """The model card's part."""
        parts = []
        for name, each in self.told.items():
            lines = [*([f"{each.model.says}."] if each.model else []), *each.remarks]
            table = f"\n\n```\n{each.evaluation}\n```" if each.evaluation else ""
            parts.append(f"## {HEADS[name]}\n\n{' '.join(lines)}{table}")
        return "\n\n".join(parts)


def fit_amounts(
    spec: Spec,
    crm: CRM,
    tested: Tested,
    training: Rows,
    testing: Rows | None,
    say: Say,
    *,
    prospects: NDArray[np.object_] | None = None,
) -> FittedAmounts:
    """Learn the amounts of a model of who will be won; nothing for any other.

    Parameters
    ----------
    spec : Spec
    crm : CRM
    tested : Tested
        The fitted model of the chance, whose columns and coding the amounts share.
    training, testing : Rows
        The rows that it was trained and tested on; nothing is learned without the latter.
    say : callable
        Gets a line for what could not be learned, and why.
    prospects : ndarray of shape (training rows,), optional
        The prospect of each training row, where ``training.entity`` names groups of repeated rows.
    """
    if testing is None or spec.label.kind != "won" or not (spec.value or has_hours(crm.contract)):
        return FittedAmounts()
    valued = value_dates(spec, crm) if has_value(spec, crm.contract) else ()
    dates = {*valued, *_days(training), *_days(testing)}
    found = worth(spec, crm, sorted(dates))
    told = {}
    if spec.value:
        told["value"] = _value(spec, crm, tested, found, valued)
    if has_hours(crm.contract):
        told["hours"] = _hours(tested, training, testing, found, prospects)
    for name, each in told.items():
        for line in [f"{HEADS[name]}: {each.model.says}"] if each.model else each.remarks:
            say(line)
    models = {name: each.model for name, each in told.items() if each.model}
    if not models:
        return FittedAmounts(told=told, sql=found.sql)
    chance = _chance(tested, training, testing) if "value" in models else Uncertainty()
    amounts = Amounts(**models, chance=chance)
    return FittedAmounts(models=amounts, told=told, sql=found.sql)


def _chance(tested: Tested, training: Rows, testing: Rows) -> Uncertainty:
    classifier, used = tested.classifier, training.weights > 0
    rows = training.where(used)
    weight = rows.weights * classifier.sampling_.weights(rows.y)
    found = chance_uncertainty(rows.y, classifier.out_of_fold_, weight, rows.entity, rows.as_of)
    return replace(found, folds=_disagreement(tested, rows, testing))


def _disagreement(tested: Tested, rows: Rows, testing: Rows) -> float:
    """Variance of a row's log-odds by the rows learned from: a jackknife that leaves out one fifth of the
    prospects, taken over rows that neither model has seen."""
    seen = _fold(rows) > 0
    part = rows.where(seen)
    try:
        other = clone(tested.classifier).fit(
            part.X, part.y, sample_weight=part.weight, groups=part.entity, as_of=part.as_of
        )
    except InputError:
        return 0.0
    scores = [each.decision_function(testing.X) for each in (other, tested.classifier)]
    return (FOLDS - 1) * float(np.var(scores[0] - scores[1]))


def _fold(rows: Rows) -> NDArray[np.intp]:
    """Prospects dealt into fifths."""
    owner = np.unique(rows.entity, return_inverse=True)[1]
    return (np.random.default_rng(0).permutation(int(owner.max()) + 1) % FOLDS)[owner]


def _value(spec: Spec, crm: CRM, tested: Tested, found: Worth, dates: Sequence[dt.date]) -> Told:
    what = f"{spec.value} in the {spec.value_days} days after being won"
    if not has_value(spec, crm.contract):
        return Told(remarks=["No value: crm.yaml does not say which account a prospect became and when."])
    if not dates:
        reason = (
            f"No value: no prospect's {what} has been observed to its end after a horizon of "
            f"{spec.horizon_days} days. A smaller value_days would make do with a shorter history."
        )
        return Told(remarks=[reason])
    rows = rows_of(without(take(spec, crm, dates), spec), dates)
    amount = _joined(rows, found, "value")
    known = (rows.y == 1) & np.isfinite(amount)
    source = (
        f"It is {what}, of prospects as they stood on {len(dates)} dates from {dates[0]} to {dates[-1]}, "
        "tested on prospects it had not seen."
    )
    return _learned(tested, rows.where(known), amount[known], [source])


def _hours(
    tested: Tested, training: Rows, testing: Rows, found: Worth, prospects: NDArray[np.object_] | None
) -> Told:
    named = training if prospects is None else replace(training, entity=prospects)
    hours, decided = _joined(named, found, "hours"), _joined(named, found, "decided") == 1
    spent = hours[decided & (hours > 0)]
    floor = float(np.quantile(spent, FLOOR)) if len(spent) else 0.0
    source = (
        "They are the hours that reps spent from the as-of date to the decision or the horizon's end, "
        f"whatever the outcome. No fewer than {floor:.2g} are expected, as {1 - FLOOR:.0%} "
        "of decided prospects took more."
    )
    later = (testing, _joined(testing, found, "hours"))
    return _learned(tested, training, hours, [source], floor=floor, later=later)


def _learned(
    tested: Tested,
    rows: Rows,
    amount: Floats,
    remarks: Sequence[str],
    *,
    floor: float = 0.0,
    later: tuple[Rows, Floats] | None = None,
) -> Told:
    """Fit on some rows; test on later ones or, without them, by what the folds say of rows they lack."""
    coding = tested.classifier.coding_
    used = rows.weights > 0
    rows, amount = rows.where(used), amount[used]
    if not len(rows):
        return Told(
            remarks=["Nothing could be learned: no row has an amount that has been observed to its end."]
        )
    # A kind of event that was never seen by the dates of values has no column there.
    coded = coding.encode(rows.X.reindex(columns=list(coding.names)))
    try:
        fitted = fit_amount(
            coded, amount, coding, sample_weight=rows.weight, groups=rows.entity, as_of=rows.as_of,
            floor=floor,
        )  # fmt: skip
    except InputError as error:
        return Told(remarks=[f"Nothing could be learned: {fault.found}." for fault in error.faults])
    mean = float(np.average(amount, weights=rows.weights))
    if later is not None and (later[1] > 0).any():
        seen, said = (
            later[0],
            fitted.model.mean(coding.encode(later[0].X.reindex(columns=list(coding.names)))),
        )
        evaluation = evaluate_amount(later[1], said, mean, groups=seen.entity, weight=seen.weight)
        return Told(model=fitted.model, evaluation=evaluation, remarks=remarks)
    fold = _fold(rows)
    categories = np.isin(np.arange(coded.shape[1]), coding.categories)
    best = one_column(coded, amount, fold, coding.names, categories)
    evaluation = evaluate_amount(
        amount, fitted.out_of_fold, mean, groups=rows.entity, weight=rows.weight, best=best
    )
    return Told(model=fitted.model, evaluation=evaluation, remarks=remarks)


def _joined(rows: Rows, found: Worth, column: str) -> Floats:
    """A column of what prospects were worth and took, beside a snapshot's rows; NaN where it lacks one."""
    table = found.table.select(["entity_id", "as_of", column]).to_pandas()
    table["as_of"] = pd.to_datetime(table["as_of"])
    keys = pd.DataFrame({"entity_id": rows.entity, "as_of": pd.to_datetime(rows.as_of)})
    keys["as_of"] = keys["as_of"].astype(table["as_of"].dtype)
    both = keys.merge(table, on=["entity_id", "as_of"], how="left", validate="one_to_one")
    return both[column].to_numpy(dtype=np.float64, na_value=np.nan)


def _days(rows: Rows) -> set[dt.date]:
    return set(np.unique(rows.as_of).astype("datetime64[D]").tolist())
