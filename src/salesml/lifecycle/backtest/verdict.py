"""What a backtest says, in words, by a written rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from scipy.stats import norm

from salesml.lifecycle.backtest.pooled import FEWEST, TRENDS, Pooled
from salesml.lifecycle.backtest.replay import PREVIOUS, Played
from salesml.lifecycle.backtest.stability import Stability
from salesml.model import Estimate

Kind = Literal["steady", "falling", "rising", "too few dates to tell", "not tested"]

MARGIN = 0.05
"""A change of the AUC over all dates within this is no change worth acting on."""
MISSED = 0.1
"""A difference of said and observed rate is named from this part of the rate on."""
SAME_FEATURES = 0.9
"""Below this agreement of what moves the scores, the change is named (the limit that SageMaker's
monitoring of feature attribution takes)."""
SAME_ORDER = 0.8
"""Below this rank correlation of two models on the same rows the change is named."""
SEASONAL = 0.05
EXTREME, TIMID = 0.9, 1.1
"""A calibration slope that is surely outside of these is named."""


@dataclass(frozen=True)
class Outlook:
    """What can be said of a model over time.

    Parameters
    ----------
    kind : {"steady", "falling", "rising", "too few dates to tell", "not tested"}
    text : str
        In whole sentences.
    reasons : tuple of str
        Its sentences one by one: ranking, probabilities, season, order, features, retraining.
    """

    kind: Kind
    text: str
    reasons: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def judge_backtest(played: Sequence[Played], steps: Sequence[Stability], pooled: Pooled | None) -> Outlook:
    """Judge a model by how it did on one date after another.

    **falling** or **rising**: the change of the AUC, or else of the lift of the first tenth, over the
    dates does not include zero, unless the AUC's whole interval lies within 0.05. **steady**: it lies
    within. **too few dates to tell** otherwise, and always with fewer than four dates. The intervals
    hold for the trends together and allow for horizons that overlap.
    """
    if pooled is None:
        text = "No date could be tested: the outcome of none is known, or none had enough of either kind."
        return Outlook("not tested", text, (text,))
    kind, why = _kind(pooled)
    reasons = [
        why, _level(pooled), *_calibration(played, pooled), *_season(pooled), *_order(steps),
        *_features(played, steps), *_retraining(pooled), *_missing(played),
    ]  # fmt: skip
    return Outlook(kind, " ".join([f"{kind.capitalize()}.", *reasons]), tuple(reasons))


def _kind(pooled: Pooled) -> tuple[Kind, str]:
    if not pooled.trends:
        return "too few dates to tell", (
            f"A change over time is tested from {FEWEST} dates on; {_dates(pooled.dates)} could be tested."
        )
    auc, lift = pooled.trends["auc"].change, pooled.trends["lift_10"].change
    told = f"From the first date to the last the AUC changes by {_signed(auc)}"
    if auc.low >= -MARGIN and auc.high <= MARGIN:
        return "steady", f"{told}, which is no more than {MARGIN} either way."
    for change, words in ((auc, told), (lift, f"The lift of the first tenth changes by {_signed(lift, 1)}")):
        if change.high < 0:
            return "falling", f"{words}: it ranks worse than it did."
        if change.low > 0:
            return "rising", f"{words}: it ranks better than it did."
    return "too few dates to tell", f"{told}: anything in that interval may be true."


def _level(pooled: Pooled) -> str:
    auc = pooled.metrics["auc"]
    text = (
        f"Over {_dates(pooled.dates)}, {pooled.rows:,} rows of {pooled.accounts:,} accounts, its AUC is "
        f"{auc.value:.3f} on average, 95 % interval {auc.low:.3f} to {auc.high:.3f}"
    )
    best = pooled.gains.get("best single column", {}).get("auc")
    return f"{text}, {best.value:+.3f} on the best single column of each date." if best else f"{text}."


def _calibration(played: Sequence[Played], pooled: Pooled) -> list[str]:
    tested = [(each.as_of, each.evaluation) for each in played if each.evaluation]
    too_high: list[str] = []
    too_low: list[str] = []
    for day, evaluation in tested:
        drift, observed = evaluation.metrics["drift"], evaluation.observed
        half = (drift.high - drift.low) / 2 * float(norm.isf(0.025 / len(tested))) / 1.96
        if abs(drift.value) > max(half, MISSED * observed):
            (too_high if drift.value > 0 else too_low).append(str(day))
    drift = pooled.metrics["drift"]
    said = f"Its probabilities less the observed rates are {_points(drift)} percentage points on average"
    parts = [
        f"too {way} at {', '.join(days)}" for way, days in (("high", too_high), ("low", too_low)) if days
    ]
    found = (
        f"by more than chance and a tenth of the rate they are {' and '.join(parts)}"
        if parts
        else "at no date do they miss the observed rate by more than chance and a tenth of it"
    )
    trend = pooled.trends.get("drift")
    moved = ""
    if trend and (trend.change.low > 0 or trend.change.high < 0):
        moved = f" The miss itself changes by {_points(trend.change)} percentage points over the dates."
    return [f"{said}; {found}.{moved}{_spread(pooled.metrics['calibration_slope'])}"]


def _spread(slope: Estimate) -> str:
    """Whether low and high probabilities lie too far apart, or too close, by the training's own limits."""
    if slope.high < EXTREME:
        return f" They are too extreme: calibration slope {slope.value:.2f} over all dates."
    if slope.low > TIMID:
        return f" They are too timid: calibration slope {slope.value:.2f} over all dates."
    return ""


def _season(pooled: Pooled) -> list[str]:
    if pooled.season is None:
        return ["With less than two years of dates a season cannot be told from a trend."]
    chance = f"(probability by chance {pooled.season:.3f})"
    if pooled.season < SEASONAL:
        return [f"How far the probabilities miss differs between the months of the year {chance}."]
    return [f"How far the probabilities miss does not differ between the months of the year {chance}."]


def _order(steps: Sequence[Stability]) -> list[str]:
    moved = [step.order.value for step in steps if step.order]
    models = [step.model_order.value for step in steps if step.model_order]
    tops = [step.top.value for step in steps if step.top]
    if not moved or not models:
        return []
    text = (
        f"From one date to the next the order of the same accounts is kept with a rank correlation of "
        f"{_range(moved)}, and {_range(tops, percent=True)} of the first tenth were in it before; two models "
        f"in a row rank the same rows alike with {_range(models)}"
    )
    if min(models) < SAME_ORDER:
        text += ", so a part of the change comes from the model and not from the customers"
    return [f"{text}."]


def _features(played: Sequence[Played], steps: Sequence[Stability]) -> list[str]:
    agreed = [step.features.value for step in steps if step.features]
    shares = [each.explained.shares for each in played if each.explained]
    if not agreed or not shares:
        return []
    leaders = list(dict.fromkeys(next(iter(each)) for each in shares))
    held = sum(next(iter(each)) == leaders[0] for each in shares)
    lead = f"{leaders[0]} moves the scores most at {held} of {_dates(len(shares))}"
    if len(leaders) > 1:
        lead += f", else {' or '.join(leaders[1:])}"
    below = [value for value in agreed if value < SAME_FEATURES]
    changed = f"fell below {SAME_FEATURES} {_times(len(below))}" if below else f"stayed above {SAME_FEATURES}"
    return [f"{lead}; the agreement of what moves them, {_range(agreed)} between dates, {changed}."]


def _retraining(pooled: Pooled) -> list[str]:
    gain = pooled.gains.get(PREVIOUS, {}).get("log_loss")
    if gain is None:
        return []
    told = f"log loss {gain.value:+.4f}, 95 % interval {gain.low:+.4f} to {gain.high:+.4f}"
    if gain.low > 0:
        return [f"Training anew at each date gained on keeping the model of the date before ({told})."]
    if gain.high < 0:
        return [f"Training anew at each date lost against keeping the model of the date before ({told})."]
    return [f"Training anew at each date is not shown to gain on keeping the model before ({told})."]


def _missing(played: Sequence[Played]) -> list[str]:
    texts = []
    unripe = [str(each.as_of) for each in played if each.status == "not ripe"]
    if unripe:
        texts.append(f"The outcome of {', '.join(unripe)} is not known yet: those dates are predicted only.")
    for each in played:
        if each.status in ("no model", "not tested"):
            texts.append(f"{each.as_of}: {each.status}, {each.problem[0].lower() + each.problem[1:]}.")
    return texts


def _signed(change: Estimate, digits: int = 3) -> str:
    return (
        f"{change.value:+.{digits}f}, interval {change.low:+.{digits}f} to {change.high:+.{digits}f} "
        f"for the {len(TRENDS)} trends that are looked at"
    )


def _points(figure: Estimate) -> str:
    return f"{100 * figure.value:+.1f} ({100 * figure.low:+.1f} to {100 * figure.high:+.1f})"


def _range(values: Sequence[float], *, percent: bool = False) -> str:
    low, high = min(values), max(values)
    form = "{:.0%}" if percent else "{:.2f}"
    same = form.format(low) == form.format(high)
    return form.format(low) if same else f"{form.format(low)} to {form.format(high)}"


def _dates(number: int) -> str:
    return f"{number} date{'s' * (number != 1)}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
