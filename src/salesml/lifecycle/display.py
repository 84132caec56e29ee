"""What pages say of all scores of a model: what they mean, how good they were in a test, in plain words.

Nothing of it names a feature, and nothing is about one customer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from salesml.config.spec import Label
from salesml.crm import CRM
from salesml.lifecycle.recent_sql import Hidden
from salesml.model.bundle import Bundle
from salesml.model.evaluation import Evaluation
from salesml.model.reliability import wilson
from salesml.model.verdict import DRIFT, FEWEST_OUTCOMES
from salesml.tracking.tested import RunOf
from salesml.words import english as words
from salesml.words import numbers

FORM: Final = 1
LAST: Final = "D"
"""The band below all cut-offs."""
TRUSTED: Final = ("usable", "weak")
"""Verdicts with which it is worth saying what became of each band."""


@dataclass(frozen=True)
class Trained:
    """The model behind the scores, and what its training left beside it."""

    bundle: Bundle
    run: RunOf
    version: str = ""


def display(
    task: str, crm: CRM | None, trained: Trained | None, protected: Collection[str] = ()
) -> dict[str, Any]:
    """What is true of all scores, as plain data; keys that nothing is known of are left out.

    Returns
    -------
    dict
        ``form``, ``task``; of crm.yaml ``currency``, ``timezone``, ``words`` (what attributes that are shown
        are called); of the model ``version``,
        ``horizon_days``, ``gap_days``, ``curves`` (true where those that are published were found to be
        true), ``features`` (how many), ``means`` (what the outcome is, a sentence),
        ``trained`` (``at``, ``from``, ``until``, ``dates``, ``rows``, ``outcomes``, ``rate``), ``verdict``,
        ``tested`` (``rows``, ``outcomes``, ``rate``, ``said``, ``dates``, ``bands``) and ``quality``,
        sentences for reps.
    """
    found: dict[str, Any] = {"form": FORM, "task": task}
    if trained:
        found |= _of_model(trained, crm)
    if crm:
        found |= {"currency": crm.contract.currency, "timezone": crm.contract.timezone}
        found["words"] = attribute_words(crm, task, protected)
    return {key: value for key, value in found.items() if value not in ("", None, [], {})}


def attribute_words(crm: CRM, task: str, protected: Collection[str]) -> dict[str, str]:
    """What crm.yaml calls the attributes that pages show, where it calls them otherwise than their name."""
    relation, contract = "accounts" if task == "churn" else "prospects", crm.contract
    table, hidden = contract.tables.get(relation), Hidden(crm.contract, protected)
    shown = [name for name in (table.lists if table else ()) if not hidden(relation, name)]
    return {name: contract.words[name] for name in shown if contract.words.get(name)}


def _of_model(trained: Trained, crm: CRM | None) -> dict[str, Any]:
    bundle, evaluation = trained.bundle, trained.run.evaluation
    training, verdict = bundle.training, _kind(bundle.verdict)
    bands = _bands(evaluation, trained.run.bands) if evaluation and verdict in TRUSTED else {}
    return {
        "currency": bundle.meaning.get("currency", ""),
        "timezone": bundle.meaning.get("timezone", ""),
        "version": trained.version,
        "horizon_days": training.horizon_days,
        "gap_days": training.gap_days,
        "curves": (bundle.survival is not None and bundle.survival.shown) or None,
        "features": len(bundle.features),
        "means": _means(bundle, crm),
        "trained": {
            "at": bundle.created_at,
            "from": min(training.as_of, default=""),
            "until": max(training.as_of, default=""),
            "dates": len(training.as_of),
            "rows": training.rows,
            "outcomes": training.positives,
            "rate": training.base_rate or (training.positives / training.rows if training.rows else None),
        },
        "verdict": verdict,
        "tested": _tested(evaluation, trained.run.tested_on, bands) if evaluation else {},
        "quality": _quality(bundle, verdict, evaluation, bands),
    }


def _kind(verdict: str) -> str:
    """The verdict's kind, with which its text begins."""
    return next((kind for kind in words.QUALITY if verdict.lower().startswith(kind)), "")


def _means(bundle: Bundle, crm: CRM | None) -> str:
    """What the outcome is."""
    if bundle.task == "seeds":
        return words.MEANS["seeds"]
    try:
        label = Label(**json.loads(bundle.meaning["label"]))
    except (KeyError, ValueError, TypeError):
        return ""
    horizon = bundle.training.horizon_days + bundle.training.gap_days
    log = crm.contract.events.get(label.events) if crm else None
    kind: str = label.kind
    if kind == "inactivity" and label.inactive_days != horizon:
        kind = "quiet"
    return words.MEANS.get(kind, "").format(
        event=log.singular if log else label.events.removesuffix("s"), span=numbers.days(horizon),
        quiet=numbers.days(label.inactive_days), top=numbers.percent(label.top), months=label.months,
    )  # fmt: skip


def _bands(evaluation: Evaluation, shares: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """How often the outcome came about in each band of the rows tested on, with 95 % intervals.

    Bands are cut where these rows were cut, so that a band is a stretch of their list.
    """
    if evaluation.weighted or not evaluation.positives:
        return {}
    edges = [*sorted((float(share), band) for band, share in shares.items()), (1.0, LAST)]
    found, before = {}, 0.0
    for share, band in edges:
        rows = round((share - before) * evaluation.rows)
        outcomes = (_gain(evaluation, share) - _gain(evaluation, before)) * evaluation.positives
        before = share
        if rows < 1:
            continue
        rate = min(outcomes / rows, 1.0)
        low, high = wilson(rate, rows)
        found[band] = {"rows": rows, "rate": rate, "low": low, "high": high}
    return found


def _gain(evaluation: Evaluation, share: float) -> float:
    """The part of all outcomes that the first of the list hold."""
    (x0, y0), *rest = evaluation.curve
    for x1, y1 in rest:
        if share <= x1:
            return y0 + (y1 - y0) * (share - x0) / (x1 - x0)
        x0, y0 = x1, y1
    return 1.0


def _tested(
    evaluation: Evaluation, dates: tuple[str, ...], bands: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    return {
        "rows": evaluation.rows, "outcomes": evaluation.positives, "rate": evaluation.observed,
        "said": evaluation.mean_p, "dates": list(dates), "bands": bands,
    }  # fmt: skip


def _quality(
    bundle: Bundle, verdict: str, evaluation: Evaluation | None, bands: Mapping[str, Mapping[str, float]]
) -> list[str]:
    """How good the scores are, in sentences that a rep understands."""
    told = [words.QUALITY[verdict]] if verdict else []
    if evaluation is None or verdict not in TRUSTED or bundle.task == "seeds":
        return told
    names = {
        "peers": words.TESTED_PEERS.get(bundle.task, words.PEER),
        "done": words.CAME_ABOUT.get(bundle.task, words.HAD_IT),
    }
    few = evaluation.positives < FEWEST_OUTCOMES
    first = min(bands, default="")
    counted = []
    if first and not few:
        of_100 = {name: _of_100(bands[first][name]) for name in ("rate", "low", "high")}
        counted.append(words.TESTED_BAND.format(band=first, **of_100, **names))
        counted.append(words.TESTED_ALL.format(rate=_of_100(evaluation.observed), **names))
    counted.append(words.TESTED_ON.format(rows=numbers.count(evaluation.rows), **names))
    if few:
        counted.append(words.FEW_OUTCOMES.format(outcomes=numbers.count(evaluation.positives), **names))
    return [*counted, *told, *_drift(evaluation)]


def _of_100(rate: float) -> str:
    return numbers.count(round(100 * rate)) if rate >= 0.01 or rate == 0 else words.BELOW_ONE


def _drift(evaluation: Evaluation) -> list[str]:
    """What the verdict says of a base rate that has drifted, by its rule."""
    drift = evaluation.metrics.get("drift")
    if drift is None or drift.low <= 0 <= drift.high or abs(drift.value) <= DRIFT * evaluation.observed:
        return []
    told = words.TOO_HIGH if drift.value > 0 else words.TOO_LOW
    return [
        told.format(said=numbers.percent(evaluation.mean_p), observed=numbers.percent(evaluation.observed))
    ]
