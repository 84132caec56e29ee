"""The model card: what a model is, how good, and what it must not be used for, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from salesml.config import Spec
from salesml.lifecycle.fit import Tested
from salesml.lifecycle.rows import Rows
from salesml.snapshots import Feature
from salesml.snapshots.entity import entity_of

STRONGEST = 15
LISTED = 10

QUESTIONS = {
    "churn": "How likely is it that this customer leaves within the horizon?",
    "conversion": "How likely is it that this prospect is won within the horizon?",
    "fit": "How likely is it that this prospect, once won, becomes an ideal customer?",
    "seeds": "How like the listed best customers is this prospect?",
}

LABELS = {
    "inactivity": "no {events} in the {inactive_days} days before the horizon ends, among accounts with "
    "one in the {active_within_days} days before the as-of date",
    "contract": "the account's contract ends within the horizon",
    "won": "the prospect is won within the horizon",
    "ideal": "the account is among the best {top:.0%} by outcome {months} months after it was won",
    "seeds": "the prospect is on a list of best customers; nothing is known of the others, good or bad",
}


def model_card(
    spec: Spec,
    tested: Tested,
    train: Rows,
    features: Sequence[Feature],
    *,
    split: str = "",
    about: str = "",
    checks: str = "",
    amounts: str = "",
    curves: str = "",
) -> str:
    """The card's text. No row of the data is in it.

    Parameters
    ----------
    split : str
        How rows were split, in words.
    about, checks, amounts, curves : str
        Its parts on what the task is about, on the checks before training, on value and hours, and on when
        accounts leave.
    """
    undated = [feature.name for feature in features if feature.undated]
    entity = entity_of(spec)
    parts = [
        f"# {spec.name}",
        f"**{QUESTIONS[spec.task]}**",
        f"Outcome: {describe_label(spec)}.",
        f"## Verdict\n\n{tested.verdict.text}",
        f"## Tested on rows it had not seen\n\n```\n{tested.evaluation.text(entity.one, entity.many)}\n```",
        *([amounts] if amounts else []),
        *([curves.rstrip()] if curves else []),
        *([tested.seeds.card().rstrip()] if tested.seeds else []),
        f"## Trained on\n\n{_trained_on(tested, train, split)}",
        f"## What moves the score\n\n{_strongest(tested, features)}",
        *([about.rstrip()] if about else []),
        *([checks.rstrip()] if checks else []),
        f"## Limits\n\n{_limits(spec, undated, train.uninformative())}",
    ]
    return "\n\n".join(parts) + "\n"


def describe_label(spec: Spec) -> str:
    """The outcome in words."""
    label = spec.label
    words = LABELS[label.kind].format(
        events=label.events, inactive_days=label.inactive_days,
        active_within_days=label.active_within_days, top=label.top, months=label.months,
    )  # fmt: skip
    young = f", among those created at most {label.open_days} days before" if label.open_days else ""
    return words + young


def listed(names: Sequence[str], mark: str = "") -> str:
    """Names one after the other, the first ones only where there are many."""
    shown = ", ".join(f"{mark}{name}{mark}" for name in names[:LISTED])
    return shown if len(names) <= LISTED else f"{shown} and {len(names) - LISTED:,} more"


def _trained_on(tested: Tested, train: Rows, split: str) -> str:
    text = f"{len(train):,} rows, {train.positives:,} with the outcome ({train.y.mean():.1%})."
    coding = tested.classifier.coding_
    if train.weight is not None:
        text += " Rows count by their weights."
    if coding.dated:
        text += f" Dates are read as days before {coding.reference}: {listed(coding.dated, '`')}."
    text = f"{text} {tested.classifier.sampling_.text()}".rstrip()
    return f"{text}\n\n```\n{split}\n```" if split else text


def _strongest(tested: Tested, features: Sequence[Feature]) -> str:
    words = {feature.name: feature.words for feature in features}
    lines = ["| share of all contributions | feature | in words |", "|---|---|---|"]
    for name, share in list(tested.shares.items())[:STRONGEST]:
        lines.append(f"| {share:.1%} | `{name}` | {words.get(name, '')} |")
    return "\n".join(lines)


PAST = (
    "A probability says how often such {many} did it in the past: not why, and not what a call would change."
)
LIKENESS = (
    "A score says how like the listed customers somebody is, by these columns: not whether it can be won, "
    "nor what it would be worth. A list that was made by taste returns that taste."
)


def _limits(spec: Spec, undated: Sequence[str], empty: Sequence[str]) -> str:
    many = entity_of(spec).many
    lines = [
        f"- {LIKENESS if spec.task == 'seeds' else PAST.format(many=many)}",
        f"- It holds for {many} like those it was trained on, and fades as they change: train again.",
        "- It must not decide alone about a person.",
    ]
    if spec.protected:
        lines.append(f"- Never used, as the spec says: {', '.join(spec.protected)}.")
    if spec.used:
        lines.append(f"- Protected, and used all the same, as the spec says: {', '.join(spec.used)}.")
    if empty:
        lines.append(f"- The same in every training row, so of no use: {listed(empty, '`')}.")
    if undated:
        lines.append(
            "- Attributes without a history, which may have been filled in after the as-of date: "
            + ", ".join(f"`{name}`" for name in undated)
            + "."
        )
    return "\n".join(lines)
