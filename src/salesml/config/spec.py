"""``models/NAME.yaml``: what a model is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from salesml.config.gates import read_gates
from salesml.config.horizons import read_horizons
from salesml.config.section import Section, nearest, read_yaml
from salesml.errors import Fault, UsageError

Task = Literal["churn", "conversion", "fit", "seeds"]
LabelKind = Literal["inactivity", "contract", "won", "ideal", "seeds"]

LABELS: dict[str, tuple[str, ...]] = {
    "churn": ("inactivity", "contract"),
    "conversion": ("won",),
    "fit": ("ideal",),
}
"""The kinds of label that each task may have. ``seeds`` is no task that a file names: a list of best
customers makes it of ``fit``."""


@dataclass(frozen=True, kw_only=True)
class Label:
    """What counts as the outcome.

    ``inactivity``: no event of the log ``events`` in the ``inactive_days`` before the horizon ends,
    among accounts with such an event in the ``active_within_days`` before the as-of date.
    ``contract``: the account's end falls in the horizon. ``won``: the prospect is won in it; with
    ``open_days``, one created longer ago than that is no longer open.
    ``ideal``: among the ``top`` share by ``weights`` of outcomes (``OUTCOME_PARTS``) over the ``months``
    after being won, an hour of selling counted at ``hour_cost``. Where accounts have no end, one is kept
    that was active in the last ``inactive_days`` of that time.
    """

    kind: LabelKind
    events: str = ""
    inactive_days: int = 0
    active_within_days: int = 0
    open_days: int = 0
    months: int = 12
    weights: dict[str, float] = field(default_factory=dict)
    top: float = 0.2
    hour_cost: float = 0.0


OUTCOME_PARTS = ("margin", "repeat", "kept", "referrals")
"""What an ideal customer is weighed by."""


@dataclass(frozen=True, kw_only=True)
class AsOfRule:
    """When predictions are made: dates chosen by rule, or written out.

    With ``every``, at most ``train``, ``validate`` and ``test`` dates are taken, as many as the
    data hold. Explicit dates win over the rule.
    """

    every: Literal["month", "week"] = "month"
    train: int = 6
    validate: int = 1
    test: int = 1
    train_dates: tuple[dt.date, ...] = ()
    validate_dates: tuple[dt.date, ...] = ()
    test_dates: tuple[dt.date, ...] = ()

    @property
    def explicit(self) -> bool:
        return bool(self.train_dates)


@dataclass(frozen=True, kw_only=True)
class OwnFeatures:
    """Features that a data scientist wrote in SQL.

    The query reads the contract's relations as they were known before ``:as_of`` and returns
    ``entity_id`` and one column per feature. ``words`` names the columns for reps.
    """

    name: str
    sql: str
    words: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """A model: task, label, time, value, features, learner and its limits.

    ``value_days`` is for how long after it was won the value of a prospect is counted.
    ``protected`` attributes are never features. Those of them that are ``checked`` have their errors
    compared by group after training. Attributes that are ``used`` are features all the same, and named
    in the model card. ``exclude`` are columns left out for another reason; of ``allow`` it is known that
    they were written before the outcome, whatever the checks before training say. ``horizons_days`` asks
    for a curve: how likely an account is still there after each of them.
    """

    name: str
    task: Task
    label: Label
    horizon_days: int
    horizons_days: tuple[int, ...] = ()
    gap_days: int = 0
    value: str = ""
    value_days: int = 365
    windows_days: tuple[int, ...] = (30, 90, 180, 365)
    as_of: AsOfRule = field(default_factory=AsOfRule)
    learner: dict[str, Any] = field(default_factory=dict)
    bands: dict[str, float] = field(default_factory=lambda: {"A": 0.05, "B": 0.2, "C": 0.5})
    protected: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    quarantine_max: float = 0.01
    gates: dict[str, float] = field(default_factory=dict)
    features: tuple[OwnFeatures, ...] = ()
    text: str = field(default="", compare=False, repr=False)

    @property
    def value_log(self) -> str:
        """The event log that ``value`` is taken from, or an empty text."""
        return self.value.partition(".")[0]

    @property
    def value_measure(self) -> str:
        """The measure that ``value`` sums, or an empty text."""
        return self.value.partition(".")[2]


def read_spec(path: Path) -> Spec:
    """Read ``models/NAME.yaml``; the file's stem is the model's name.

    Raises
    ------
    UsageError
        With every fault of the file.
    """
    faults: list[Fault] = []
    spec = _spec(Section(read_yaml(path), f"{path.name}:", faults), path)
    if faults:
        raise UsageError(faults)
    return spec


def _spec(top: Section, path: Path) -> Spec:
    task = top.choice("task", LABELS)
    label = _label(top.section("label"), task)
    horizon = top.integer("horizon_days", _horizon_days(label), least=1)
    windows = top.integers("windows_days", (30, 90, 180, 365))
    if not windows or any(days < 1 for days in windows) or list(windows) != sorted(set(windows)):
        top.fault("bad-value", "windows_days", f"is {list(windows)}", "It must be whole days, rising")
    protected = _protected(top)
    spec = Spec(
        name=path.stem,
        task=task,
        label=label,
        horizon_days=horizon,
        horizons_days=read_horizons(top, task, label.kind, label.inactive_days, horizon),
        gap_days=top.integer("gap_days", 0, least=0),
        value=_value(top),
        value_days=top.integer("value_days", 365, least=1),
        windows_days=windows,
        as_of=_as_of(top.section("as_of")),
        learner=top.mapping("learner"),
        bands=_bands(top),
        protected=tuple(name for name, part in protected.items() if part != "used"),
        checked=tuple(name for name, part in protected.items() if part == "checked"),
        used=tuple(name for name, part in protected.items() if part == "used"),
        exclude=top.texts("exclude"),
        allow=top.texts("allow"),
        quarantine_max=top.number("quarantine_max", 0.01, least=0),
        gates=read_gates(top),
        features=_own_features(top, path.parent),
        text=path.read_text(encoding="utf-8"),
    )
    top.done()
    return spec


HORIZON_DAYS = 90
DAYS_OF_MONTH = 365.25 / 12


def _horizon_days(label: Label) -> int:
    """Horizon in days when the file states none."""
    if label.kind == "ideal":
        return round(label.months * DAYS_OF_MONTH)
    return label.inactive_days or HORIZON_DAYS


def _label(section: Section, task: str | None) -> Label:
    kind = section.choice("kind", LABELS.get(task or "churn", ("inactivity",)))
    if kind == "inactivity":
        days = section.integer("inactive_days", least=1)
        label = Label(
            kind="inactivity",
            events=section.text("events"),
            inactive_days=days or 90,
            active_within_days=section.integer("active_within_days", 2 * (days or 90), least=1),
        )
    elif kind == "ideal":
        label = _ideal(section)
    elif kind == "won":
        label = Label(kind="won", open_days=section.integer("open_days", 0, least=0))
    else:
        label = Label(kind=kind or "inactivity")
    section.done()
    return label


LONGEST_MONTHS = 1200


def _ideal(section: Section) -> Label:
    months = section.integer("months", 12, least=1)
    if months > LONGEST_MONTHS:
        section.fault("bad-value", "months", f"is {months}", f"It may be at most {LONGEST_MONTHS}")
    top = section.number("top", 0.2)
    if not 0 < top < 1:
        section.fault(
            "bad-value", "top", f"is {top:g}", "It must lie between 0 and 1: 0.2 calls a fifth of them ideal"
        )
    return Label(
        kind="ideal",
        months=min(months, LONGEST_MONTHS),
        weights=_weights(section),
        top=top,
        hour_cost=section.number("hour_cost", 0.0, least=0),
        inactive_days=section.integer("inactive_days", HORIZON_DAYS, least=1),
    )


def _weights(section: Section) -> dict[str, float]:
    """Weights of the parts of the outcome; all alike when the file states none."""
    weights: dict[str, float] = section.numbers("weights")
    for name, weight in weights.items():
        if name not in OUTCOME_PARTS:
            section.fault(
                "unknown-key", "weights", f"has the unknown part {name!r}", nearest(name, OUTCOME_PARTS)
            )
        elif weight is not None and not 0 <= weight < float("inf"):
            section.fault("bad-value", "weights", f"of {name} is {weight:g}", "It must be 0 or more")
    if weights and not any(weights.values()):
        section.fault("bad-value", "weights", "are all 0", "At least one part must count")
    return weights or dict.fromkeys(OUTCOME_PARTS, 1.0)


def _as_of(section: Section) -> AsOfRule:
    if isinstance(section.raw("train"), list):
        rule = AsOfRule(
            train_dates=section.dates("train"),
            validate_dates=section.dates("validate"),
            test_dates=section.dates("test"),
        )
        if not rule.test_dates:
            section.fault("missing-key", "test", "is missing", "Explicit dates need a date to test on")
    else:
        rule = AsOfRule(
            every=section.choice("every", ("month", "week"), "month"),
            train=section.integer("train", 6, least=1),
            validate=section.integer("validate", 1, least=0),
            test=section.integer("test", 1, least=1),
        )
    section.done()
    return rule


def _value(top: Section) -> str:
    value: str = top.text("value", "")
    if value and (value.count(".") != 1 or value.startswith(".") or value.endswith(".")):
        top.fault("bad-value", "value", f"is {value!r}", "It must be LOG.MEASURE, such as orders.margin")
    return value


PROTECTED = ("excluded", "checked", "used")
"""What may become of a protected attribute."""


def _protected(top: Section) -> dict[str, str]:
    """Protected attributes and what becomes of each: a list excludes them all."""
    if not isinstance(top.raw("protected"), dict):
        return dict.fromkeys(top.texts("protected"), PROTECTED[0])
    section = top.section("protected")
    return {name: section.choice(name, PROTECTED) or PROTECTED[0] for name in section}


def _bands(top: Section) -> dict[str, float]:
    if "bands" not in top:
        return {"A": 0.05, "B": 0.2, "C": 0.5}
    bands = top.section("bands")
    shares = {name: bands.number(name) for name in ("A", "B", "C")}
    bands.done()
    values = [value for value in shares.values() if value is not None]
    if values != sorted(values) or any(not 0 < value < 1 for value in values):
        top.fault("bad-value", "bands", f"are {shares}", "Cumulative shares of the list, rising, in (0, 1)")
    return shares


def _own_features(top: Section, folder: Path) -> tuple[OwnFeatures, ...]:
    found = []
    for name, section in top.sections("features").items():
        sql = section.text("sql")
        words = {key: str(value) for key, value in section.mapping("words").items()}
        section.done()
        if sql and sql.endswith(".sql"):
            file = folder / sql
            if not file.is_file():
                section.fault("missing-file", "sql", f"names {sql}, which is not in {folder.name}/")
                continue
            sql = file.read_text(encoding="utf-8")
        found.append(OwnFeatures(name=name, sql=sql or "", words=words))
    return tuple(found)
