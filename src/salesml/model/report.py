"""An evaluation in words and tables."""

from __future__ import annotations

from salesml.model.bootstrap import Estimate
from salesml.model.evaluation import COMPARED, Evaluation

NAMES = {
    "auc": "AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier": "Brier score",
    "calibration_error": "calibration error (10 equal-mass bins)",
    "calibration_slope": "calibration slope",
    "calibration_intercept": "calibration intercept",
    "drift": "mean probability less observed rate",
}


def brief(evaluation: Evaluation) -> str:
    """What a person looks at first, in six lines."""
    figures = evaluation.metrics
    best = evaluation.gains.get("best single column", {}).get("auc")
    over = f", {best.value:+.3f} on the best single column" if best else ""
    says = f"{evaluation.mean_p:.1%} and {evaluation.observed:.1%} on average"
    error = f"calibration error {figures['calibration_error'].value:.1%}"
    found = f"{figures['gain_10'].value:.0%} of all outcomes"
    lift = f"{figures['lift_10'].value:.1f} times the average"
    lines = [
        f"tested on           {evaluation.rows:,} rows, {evaluation.positives:,} with the outcome",
        f"AUC                 {_short(figures['auc'])}{over}",
        f"log loss            {_short(figures['log_loss'])}",
        f"says and came true  {says}; {error}",
        f"first 10 % of list  {found}, {lift}",
    ]
    return "\n".join(lines)


def _short(figure: Estimate) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def text(evaluation: Evaluation, one: str = "account", many: str = "accounts") -> str:
    """Everything that was measured, as aligned tables."""
    head = (
        f"{evaluation.rows:,} rows of {evaluation.accounts:,} {many}, {evaluation.positives:,} with the "
        f"outcome ({evaluation.observed:.1%}); mean probability {evaluation.mean_p:.1%}. "
        f"Brackets are 95 % intervals, resampled by {one}."
        + (" Rows count by their weights." if evaluation.weighted else "")
    )
    parts = [head, _metrics(evaluation), *_value(evaluation), *_baselines(evaluation)]
    return "\n\n".join([*parts, _reliability(evaluation)])


def _metrics(evaluation: Evaluation) -> str:
    lines: list[tuple[str, object]] = [(NAMES[name], evaluation.metrics[name]) for name in NAMES]
    tops = [name for name in evaluation.metrics if name.startswith(("gain_", "lift_"))]
    lines += [(_top(name), evaluation.metrics[name]) for name in tops]
    return _lines(lines)


def _lines(lines: list[tuple[str, object]]) -> str:
    return "\n".join(f"{words:<46} {figure}" for words, figure in lines)


def _value(evaluation: Evaluation) -> list[str]:
    """The figures in money, and by band."""
    figures = evaluation.metrics
    if not evaluation.valued:
        return []
    unknown = evaluation.rows - evaluation.valued
    head = "In money, an account that costs more than it brings counting as zero" + (
        f"; {unknown:,} rows of unknown value left out:" if unknown else ":"
    )
    lines: list[tuple[str, object]] = [
        ("value expected to be lost", _money(figures["value_expected"])),
        ("value lost", _money(figures["value_lost"])),
        ("expected as a multiple of lost", figures["value_ratio"]),
        ("AUC, rows weighted by value", figures["value_auc"]),
        *((_top(name), figures[name]) for name in figures if name.startswith(("value_gain_", "value_lift_"))),
    ]
    table = [f"{'band':<6} {'expected':>26} {'lost':>26}  share of all that was lost"]
    for name in (key.removeprefix("value_share_") for key in figures if key.startswith("value_share_")):
        expected, lost = _money(figures[f"value_expected_{name}"]), _money(figures[f"value_lost_{name}"])
        share = figures[f"value_share_{name}"]
        part = f"{share.value:.0%} [{share.low:.0%}, {share.high:.0%}]"
        table.append(f"{name:<6} {expected:>26} {lost:>26}  {part}")
    return [f"{head}\n{_lines(lines)}", "\n".join(table)]


def _money(figure: Estimate) -> str:
    return f"{figure.value:,.0f} [{figure.low:,.0f}, {figure.high:,.0f}]"


def _top(name: str) -> str:
    kind, _, share = name.rpartition("_")
    words = {
        "gain": "share of all outcomes",
        "lift": "times the average rate",
        "value_gain": "share of the lost value",
        "value_lift": "times the average lost value",
    }
    return f"{words[kind]} in the top {share} %"


def _baselines(evaluation: Evaluation) -> list[str]:
    if not evaluation.baselines:
        return []
    head = f"{'baseline':<24} " + " ".join(f"{NAMES[name]:>26}" for name in COMPARED)
    lines = [head]
    for rival, figures in evaluation.baselines.items():
        lines.append(f"{rival:<24} " + " ".join(f"{_cell(figures[name]):>26}" for name in COMPARED))
        gains = evaluation.gains[rival]
        lines.append(
            f"{'  model better by':<24} " + " ".join(f"{_cell(gains[name]):>26}" for name in COMPARED)
        )
    return ["\n".join(lines)]


def _cell(figure: Estimate) -> str:
    return f"{figure.value:.4f} [{figure.low:.4f}, {figure.high:.4f}]"


def _reliability(evaluation: Evaluation) -> str:
    lines = [f"{'rows':>8} {'said':>8} {'observed':>9}  95 % interval"]
    for line in evaluation.reliability:
        lines.append(
            f"{line.rows:>8,} {line.mean_p:>8.1%} {line.observed:>9.1%}  [{line.low:.1%}, {line.high:.1%}]"
        )
    return "\n".join(lines)
