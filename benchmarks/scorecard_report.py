"""What the benchmark of the scorecard found, as tables."""

from __future__ import annotations

from typing import Any

COVERED = (0.84, 0.955)
"""How often a right interval of 90 % may be seen to cover."""

FALSE_ALARMS = 17 / 200

LEVELS, SORTS = ("company", "team", "rep"), ("value", "shrunk", "trend")

KINDS = ("month", "quarter", "year", "all")

LEAST = 100
"""Cells below which nothing is sure."""


def report(found: dict[str, Any]) -> str:
    """Planted truths, all figures by level and period, those that are surely outside, and false alarms."""
    usual, alike = found["usual"]["companies"], found["alike"]["companies"]
    first = found["first_seed"]
    names = "".join(
        f"{name:>11}" for name in ("covered", "from", "to", "companies", "intervals", "given", "seen")
    )
    lines = [
        f"{usual} companies in {found['worlds']} worlds, {alike} with reps alike; seeds from {first}",
        "",
        "What was planted: intervals of 90 % that cover it, with 90 % of that; those that see an effect",
        f"  {'':56}{names}",
    ]
    lines += [_planted(each) for each in found["planted"]]
    for what, title in zip(SORTS, ("of the figure", "drawn towards all", "of its change"), strict=True):
        lines += ["", f"Every figure: intervals of 90 % {title}, and the share given where it is not 1"]
        columns = [(level, kind) for level in LEVELS for kind in KINDS]
        columns = [each for each in columns if _cells(found, *each, what)]
        lines.append(f"  {'':28}" + "".join(f"{level + ' ' + kind:>16}" for level, kind in columns))
        for metric in dict.fromkeys(each["metric"] for each in found["coverage"]):
            cells = [_cells(found, *each, what).get(metric) for each in columns]
            lines.append(f"  {metric:28}" + "".join(f"{_shown(each):>16}" for each in cells))
    lines += ["", f"Surely outside {COVERED[0]:.0%} to {COVERED[1]:.1%}, by more than two standard errors"]
    lines += [
        f"  {each['metric']:28} {each['level']:8} {each['kind']:8} {each['interval']:7} "
        f"{each['covered']:.3f} +- {each['error'] or 0:.3f}, truth below {each['below']:.3f}, above "
        f"{each['above']:.3f}, {each['cells']:,} cells"
        for each in found["coverage"]
        if outside(each)
    ]
    return "\n".join([*lines, *_real_differences(found)])


def outside(each: dict[str, Any]) -> bool:
    """Whether a coverage is surely not what it should be."""
    reach = 2 * (each["error"] or 0.0)
    low, high = COVERED
    return each["cells"] >= LEAST and (each["covered"] + reach < low or each["covered"] - reach > high)


def _planted(each: dict[str, Any]) -> str:
    numbers = (
        f"{'-' if each[name] is None else format(each[name], '.3f'):>11}"
        for name in ("covered", "low", "high")
    )
    return (
        f"  {each['what']:56}{''.join(numbers)}{each['companies']:>11}{each['intervals']:>11,}"
        f"{each['given']:>11.3f}{each['seen']:>11.2f}"
    )


def _cells(found: dict[str, Any], level: str, kind: str, what: str) -> dict[str, dict[str, Any]]:
    return {
        each["metric"]: each
        for each in found["coverage"]
        if (each["level"], each["kind"], each["interval"]) == (level, kind, what)
    }


def _shown(each: dict[str, Any] | None) -> str:
    if each is None:
        return "-"
    return f"{each['covered']:.3f}" + (f" ({each['given']:.2f})" if each["given"] < 0.995 else "")


def _real_differences(found: dict[str, Any]) -> list[str]:
    lines = ["", "Companies that show a real difference"]
    for name in ("alike", "usual"):
        each = found[name]
        for level in ("rep", "team") if each["companies"] else ():
            metrics = ", ".join(f"{metric} {count}" for metric, count in each[level]["by_metric"].items())
            lines.append(
                f"  reps {name}, between {level}s: {each[level]['any']} of {each['companies']}; {metrics}"
            )
    return [*lines, f"  wanted where reps are alike: at most {FALSE_ALARMS:.1%} between reps"]
