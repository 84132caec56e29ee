"""Whether a model is of use, said in words by a written rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from salesml.model.bootstrap import Estimate
from salesml.model.evaluation import Evaluation
from salesml.model.readable import what_can_be_read
from salesml.model.sample_size import two_digits

Kind = Literal["usable", "weak", "no usable signal", "suspicious"]

CHANCE = 0.52
"""The lower bound of the AUC must exceed this: ranking 52 pairs in 100 right may be provable on many
rows, but is of no use."""
FAINT = 0.55
WEAK = 0.60
"""Below this lower bound of the AUC a model is weak."""
FEWEST_OUTCOMES = 20
WIDEST = 0.3
"""With fewer rows of either outcome, or a wider interval of the AUC, a model is weak at best."""
TOO_GOOD = 0.90
"""From this AUC on it is asked whether one feature explains it."""
NEARLY_PERFECT = 0.985
"""From this AUC on a model is suspicious whatever explains it."""
ONE_SHARE = 0.5
ONE_COLUMN = 0.85
"""One feature explains nearly all when it has this share of all contributions, or reaches alone this
part of the way from chance (AUC 0.5) to the model's AUC."""
DRIFT = 0.1
"""A difference of mean probability and observed rate is named from this part of the rate on."""
NOTHING = (
    "Nothing could be learned from its columns: they do not vary, or hold no level that enough accounts "
    "share, so every row gets the same probability."
)
SIMPLE = ("best single column", "recency")


@dataclass(frozen=True)
class Verdict:
    """What can be said of a model.

    Parameters
    ----------
    kind : {"usable", "weak", "no usable signal", "suspicious"}
    text : str
        The verdict in whole sentences.
    reasons : tuple of str
        Its sentences one by one: first what decided the kind, then what else should be known.
    """

    kind: Kind
    text: str
    reasons: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return self.text


def judge(
    evaluation: Evaluation,
    *,
    shares: Mapping[str, float] | None = None,
    best_column: str = "",
    train_rate: float | None = None,
    dated: Collection[str] = (),
) -> Verdict:
    """Judge a model by how it did on rows it had not seen.

    The first rule that applies decides:

    1. **suspicious**: the AUC is 0.985 or more; or it is 0.9 or more and one feature explains nearly
       all of it (half of all contributions, or alone 85 % of the way from chance to the model's AUC),
       unless that feature is ``dated``. Its lower 95 % bound must exceed 0.52: in a handful of rows
       chance alone ranks perfectly.
    2. **no usable signal**: the lower 95 % bound of the AUC does not exceed 0.52; or it stays under
       0.55 and the model is not shown to rank better than the best single column or recency.
    3. **weak**: the lower bound stays under 0.6; or the model is not shown to rank better than the best
       single column or recency; or its probabilities are not shown to beat the base rate in log loss;
       or fewer than 20 rows have the outcome, or lack it; or the interval of the AUC is wider than 0.3.
    4. **usable** otherwise.

    Whether logistic regression does as well is said, but does not count against a signal.

    Parameters
    ----------
    evaluation : Evaluation
        Its baselines ``base rate``, ``best single column``, ``recency`` and ``logistic regression`` are
        used as far as they are there.
    shares : mapping of str to float, optional
        Share of each feature in the absolute contributions of all (``contribution_shares``).
    best_column : str
        The column behind ``best single column``.
    train_rate : float, optional
        Rate of the outcome in training, to tell a drift.
    dated : collection of str
        Features that are made of nothing but what was known before the as-of date: how long ago the
        last order was may well explain nearly all, and is no leak.
    """
    shares = dict(shares or {})
    kind, why = _kind(evaluation, shares, best_column, frozenset(dated))
    nothing = bool(shares) and not any(shares.values())
    more = [NOTHING] if nothing else [*what_can_be_read(evaluation), *_needed(evaluation, kind)]
    reasons = (*why, *more, *_notes(evaluation, train_rate, kind))
    return Verdict(kind, f"{kind.capitalize()}. {' '.join(reasons)}", reasons)


def contribution_shares(
    contributions: NDArray[np.float64], names: Sequence[str], weight: NDArray[np.float64] | None = None
) -> dict[str, float]:
    """The share of each feature in the absolute contributions of all, largest first.

    Parameters
    ----------
    contributions : ndarray of shape (rows, features + 1)
        The last column, the base value, does not count.
    """
    size = np.average(np.abs(contributions[:, :-1]), axis=0, weights=weight)
    whole = float(size.sum()) or 1.0
    order = np.argsort(-size, kind="stable")
    return {names[place]: float(size[place] / whole) for place in order}


def _kind(
    evaluation: Evaluation, shares: dict[str, float], best_column: str, dated: frozenset[str]
) -> tuple[Kind, list[str]]:
    auc = evaluation.metrics["auc"]
    if suspect := _suspect(evaluation, shares, best_column, dated):
        return "suspicious", [suspect]
    unbeaten = _unbeaten(evaluation, best_column)
    if auc.low <= CHANCE:
        return "no usable signal", [f"{_not_better(auc)}: {_auc(auc)}."]
    if auc.low < FAINT and unbeaten:
        return "no usable signal", [f"There is hardly any signal ({_auc(auc)}), and {unbeaten[0]}."]
    faults = [f"It is not shown to be of more use than simpler ways: {text}." for text in unbeaten[:1]]
    if auc.low < WEAK:
        faults.insert(0, f"The signal is weak: {_auc(auc)}.")
    if _unsure(_gain(evaluation, "base rate", "log_loss")):
        faults.append("Its probabilities are not shown to be better than the average rate for everyone.")
    faults += _too_few(evaluation)
    if faults:
        return "weak", faults
    return "usable", [f"It ranks rows it has not seen: {_auc(auc)}{_better(evaluation, best_column)}."]


def _not_better(auc: Estimate) -> str:
    """That nothing is shown, or, where the interval leaves hardly any room, that there is nothing."""
    if auc.high < FAINT:
        return "The model does not rank better than chance"
    if auc.low <= 0.5:
        return "The model is not shown to rank better than chance"
    return "The model is not shown to rank more than a little better than chance"


def _too_few(evaluation: Evaluation) -> list[str]:
    """Why so few rows prove little, or nothing."""
    auc = evaluation.metrics["auc"]
    least = min(evaluation.positives, evaluation.rows - evaluation.positives)
    if least < FEWEST_OUTCOMES:
        text = (
            f"It was tested on {evaluation.positives:,} outcomes in {evaluation.rows:,} rows: at least "
            f"{FEWEST_OUTCOMES} of either kind are needed to call it usable ({_auc(auc)})."
        )
        return [text]
    if auc.high - auc.low > WIDEST:
        return [f"How well it ranks is hardly known: {_auc(auc)}."]
    return []


def _suspect(
    evaluation: Evaluation, shares: dict[str, float], best_column: str, dated: frozenset[str]
) -> str:
    """What looks like a leak, in words, or nothing."""
    auc = evaluation.metrics["auc"].value
    if auc < TOO_GOOD or evaluation.metrics["auc"].low <= CHANCE:
        return ""
    leader, share = next(iter(shares.items()), ("", 0.0))
    alone = evaluation.baselines.get("best single column", {}).get("auc")
    ask = "Find out whether it is filled in only after the outcome is known; if so, exclude it"
    if share >= ONE_SHARE and leader not in dated:
        return (
            f"One feature, {leader}, makes {share:.0%} of all contributions, at an AUC of {auc:.3f}. {ask}."
        )
    if alone and (best_column or leader) not in dated and alone.value - 0.5 >= ONE_COLUMN * (auc - 0.5):
        return (
            f"One feature, {best_column or leader}, reaches alone an AUC of {alone.value:.3f} of the model's "
            f"{auc:.3f}. {ask}."
        )
    if auc >= NEARLY_PERFECT:
        return (
            f"An AUC of {auc:.3f} is too good to be true{f'; {leader} contributes most' if leader else ''}. "
            "Look for columns that are known only after the outcome."
        )
    return ""


def _unbeaten(evaluation: Evaluation, best_column: str) -> list[str]:
    """The simple baselines that the model is not shown to outrank."""
    found = []
    for name in SIMPLE:
        gain = _gain(evaluation, name, "auc")
        if gain and _unsure(gain):
            words = f"the best single column{f' ({best_column})' if best_column else ''}"
            theirs = evaluation.baselines[name]["auc"]
            found.append(
                f"{words if name == SIMPLE[0] else name} alone ranks as well "
                f"(AUC {theirs.value:.3f}; the model is better by {gain.value:.3f}, "
                f"95 % interval {gain.low:.3f} to {gain.high:.3f})"
            )
    return found


def _better(evaluation: Evaluation, best_column: str) -> str:
    gain = _gain(evaluation, SIMPLE[0], "auc")
    if not gain:
        return ""
    column = f" ({best_column})" if best_column else ""
    return f", which is {gain.value:.3f} better than the best single column{column}"


def _needed(evaluation: Evaluation, kind: Kind) -> list[str]:
    """How many rows would tell more, where the interval is wide."""
    auc = evaluation.metrics["auc"]
    half = (auc.high - auc.low) / 2
    if not half > 0.05:
        return []
    rows = two_digits(evaluation.rows * (half / 0.05) ** 2)
    text = (
        f"Little can be known from {evaluation.rows:,} rows with {evaluation.positives:,} outcomes: "
        f"about {rows:,} such rows are needed for an AUC known to within 0.05"
    )
    lead = auc.value - CHANCE
    if kind == "no usable signal" and lead > 0.02:
        text += (
            f", about {two_digits(evaluation.rows * (half / lead) ** 2):,} to tell {auc.value:.2f} from "
            "chance"
        )
    return [text + "."]


def _notes(evaluation: Evaluation, train_rate: float | None, kind: Kind) -> list[str]:
    notes = []
    drift = evaluation.metrics["drift"]
    if not _unsure(drift, either_way=True) and abs(drift.value) > DRIFT * evaluation.observed:
        way = "high" if drift.value > 0 else "low"
        trained = "" if train_rate is None else f" (in training {train_rate:.1%})"
        notes.append(
            f"The base rate has drifted: it says {evaluation.mean_p:.1%} on average and "
            f"{evaluation.observed:.1%} came true{trained}, so its probabilities are too {way}; "
            "the order is not touched by that."
        )
    slope = evaluation.metrics["calibration_slope"]
    if slope.high < 0.9:
        notes.append(f"Its probabilities are too extreme: calibration slope {slope.value:.2f}.")
    elif slope.low > 1.1:
        notes.append(f"Its probabilities are too timid: calibration slope {slope.value:.2f}.")
    error = evaluation.metrics["calibration_error"]
    notes.append(f"Its probabilities miss the observed rates by {100 * error.value:.1f} percentage points.")
    logistic = _gain(evaluation, "logistic regression", "log_loss")
    if logistic and _unsure(logistic) and kind != "no usable signal":
        notes.append("Logistic regression does as well.")
    return notes


def _gain(evaluation: Evaluation, name: str, metric: str) -> Estimate | None:
    return evaluation.gains.get(name, {}).get(metric)


def _unsure(gain: Estimate | None, *, either_way: bool = False) -> bool:
    """Whether an interval does not clear zero."""
    if gain is None:
        return False
    return not (gain.low > 0 or (either_way and gain.high < 0))


def _auc(auc: Estimate) -> str:
    return f"AUC {auc.value:.3f}, 95 % interval {auc.low:.3f} to {auc.high:.3f}"
