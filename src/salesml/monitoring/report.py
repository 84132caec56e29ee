"""A look as text: what a terminal shows, and the report that is kept."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from salesml.monitoring.advice import Advice
from salesml.monitoring.finding import Finding
from salesml.monitoring.usual import A_YEAR, FEWEST

WIDTH = 100
SHOWN = 15
"""Features that the report lists, the least usual first; the table has all."""

TITLES = (
    ("Features", ("feature", "missing")), ("Levels", ("levels",)), ("Told apart", ("apart",)),
    ("What moves the scores", ("attributions",)),
    ("Scores", ("scores", "mean_score", "band_A", "band_B", "band_C", "band_D")),
    ("Expected quality", ("expected_auc", "expected_log_loss", "expected_lift_10")),
    ("Quality since the model was tested", ("auc_kept", "rate_kept")),
    (
        "Date by date",
        ("auc", "log_loss", "lift_10", "calibration", "slope", "lift_A", "lift_B", "lift_C", "lift_D"),
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class About:
    """What a report says of itself.

    Parameters
    ----------
    name, version : str
    as_of : str
    months : int
        Past months that say what is usual.
    notes : tuple of str
        What has to be known to read it: a sample, dates that are out of reach.
    """

    name: str
    version: str
    as_of: str
    months: int
    notes: tuple[str, ...] = ()


def short(about: About, findings: Sequence[Finding], advice: Advice) -> str:
    """What a person reads in a terminal."""
    alarms = [each for each in findings if each.alarm]
    head = (
        f"{len(alarms)} alarm{'s' * (len(alarms) != 1)}" if alarms else "No alarm"
    ) + f" for {about.name} on {about.as_of} ({about.version})"
    lines = [head, *(_bullet(f"ALARM {_named(each)}: {each.sentence}") for each in alarms)]
    lines += [
        _bullet(each.sentence)
        for each in findings
        if each.check in ("expected_auc", "auc_kept") and not each.alarm
    ]
    lines += [_bullet(note) for note in (*about.notes, *_history(about))]
    return "\n".join([*lines, "", textwrap.fill(advice.text, WIDTH)])


def report(about: About, findings: Sequence[Finding], advice: Advice) -> str:
    """The report in Markdown. No row of the data stands in it."""
    alarms = [each for each in findings if each.alarm]
    parts = [
        f"# {about.name} on {about.as_of}",
        f"Model: {about.version}.",
        f"## Train again: {advice.kind}\n\n" + "\n".join(f"- {reason}" for reason in advice.reasons),
        "## Alarms\n\n" + ("\n".join(f"- **{_named(each)}**: {each.sentence}" for each in alarms) or "None."),
        "![Features, probabilities, quality and rates over the dates](chart.png)",
        *(_part(title, [each for each in findings if each.check in checks]) for title, checks in TITLES),
        f"## How to read it\n\n{READING}\n\n"
        + "\n".join(f"- {note}" for note in (*about.notes, *_history(about))),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


READING = """\
*Usual* is where 95 of 100 dates of the company's own past lie, compared over the same number of months: its
season and its growth are in it. An alarm is raised beyond what a year without change would show in five years
of a hundred, over all features, checks and dates of the year together, and only where the change also matters
(a stability index of 0.10, an AUC of 0.60 of the classifier, an agreement below 0.90, a mean probability or a
rate off by a factor of 1.2, an AUC lower by 0.02). Expected quality holds only while the outcome goes with
the features as in training. Every figure is in `table.csv`."""


def _history(about: About) -> tuple[str, ...]:
    if about.months < FEWEST:
        text = (
            f"The tables reach back {about.months} months: too few to know what is usual. Only severe "
            "changes raise an alarm (a stability index of 0.25), and a season may be one."
        )
        return (text,)
    if about.months < A_YEAR + 1:
        text = (
            f"The tables reach back {about.months} months, less than a year and a month: a season that was "
            "not seen yet looks like a change."
        )
        return (text,)
    return ()


def _part(title: str, findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    chosen = list(findings)
    if title == "Features":
        chosen = sorted(
            chosen, key=lambda each: (not each.alarm, 1.0 if each.p_value is None else each.p_value)
        )
    lines = ["| check | value | usual | | |", "|---|---|---|---|---|"]
    lines += [
        f"| {_named(each)} {each.as_of} | {each.value:.3g} | {_usual(each)} | "
        f"{'**alarm**' if each.alarm else ''} | {each.sentence.replace('|', '/')} |"
        for each in chosen[: SHOWN if title == "Features" else None]
    ]
    return f"## {title}\n\n" + "\n".join(lines)


def _usual(each: Finding) -> str:
    if each.usual_low is None or each.usual_high is None:
        return ""
    return f"{each.usual_low:.3g} to {each.usual_high:.3g}"


def _named(each: Finding) -> str:
    return f"{each.check} {each.feature}".strip()


def _bullet(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="- ", subsequent_indent="  ")
