"""A fitted model as plain data: what it is made of, and what may stand in it.

A bundle is a folder with ``booster.txt`` and ``bundle.json`` (see ``bundle_files``). Nothing in it
can be executed, and nothing in it tells of a single customer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.errors import Fault, ModelError
from salesml.model import booster_text, bundle_files
from salesml.model.calibration import Calibration
from salesml.model.coding import Coding
from salesml.snapshots.feature import Feature

FORMAT = 1
"""Version of the form of ``bundle.json``; a newer one is refused."""

FEWEST_ACCOUNTS = 20
"""A category's level that fewer accounts share might tell who they are."""

VOLATILE = ("created_at", "run_id")
"""What two trainings of the same model differ in."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """When and on what a model was trained.

    ``as_of`` are the ISO dates of the training rows, empty for a flat table; ``base_rate`` the stated rate
    of the outcome where the model is used, None when the rows were not sampled.
    """

    as_of: tuple[str, ...] = ()
    horizon_days: int = 0
    gap_days: int = 0
    rows: int = 0
    positives: int = 0
    base_rate: float | None = None


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A fitted model as plain data.

    Parameters
    ----------
    name : str
        The spec's name, such as ``churn``.
    task : {"churn", "conversion", "fit"}
        What is predicted.
    booster : str
        LightGBM's text; only what scoring needs of it is kept.
    features : tuple of Feature
        The registry, in the order of the columns of ``coding``.
    coding : Coding
        How columns become numbers.
    calibration : Calibration
        ``logit p = a * raw + b``.
    base_value : float
        The score of a row about which nothing is known, in calibrated log-odds.
    cutoffs : mapping of str to float
        Least raw score of the bands A, B and C; see :func:`band_cutoffs`.
    level_accounts : mapping
        For each category, how many accounts share each of its levels; see :func:`count_levels`.
    training : Training
        Training window.
    value : str
        The measure that the value at risk comes from, ``LOG.MEASURE``, or empty.
    quarantine_max : float
        Share of rows that may fail to be scored before the whole batch is refused.
    meaning : mapping of str to str
        What decided the meaning of its rows and outcomes, by key; empty for a flat table.
    fingerprint : str
        SHA-256 of the data it was trained on.
    versions : mapping of str to str
        Versions of salesml and of the packages that decide the result.
    verdict : str
        What the evaluation found, in words.
    created_at, run_id : str
        Not part of the digest.
    """

    name: str
    task: str
    booster: str = field(repr=False)
    features: tuple[Feature, ...] = field(repr=False)
    coding: Coding = field(repr=False)
    calibration: Calibration
    base_value: float
    cutoffs: Mapping[str, float]
    level_accounts: Mapping[str, Mapping[str, int]] = field(default_factory=dict, repr=False)
    training: Training = field(default_factory=Training)
    value: str = ""
    quarantine_max: float = 0.01
    meaning: Mapping[str, str] = field(default_factory=dict, repr=False)
    fingerprint: str = ""
    versions: Mapping[str, str] = field(default_factory=dict, repr=False)
    verdict: str = field(default="", repr=False)
    created_at: str = ""
    run_id: str = ""

    def __post_init__(self) -> None:
        faults = [*_feature_faults(self), *_number_faults(self)]
        if faults:
            raise ModelError(faults)
        object.__setattr__(self, "booster", booster_text.lean(self.booster))
        booster_text.check(self.booster, len(self.features))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the features, in order."""
        return tuple(feature.name for feature in self.features)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what decides a score and its words; times, run ids and threads left out."""
        document = {key: value for key, value in self.as_dict().items() if key not in VOLATILE}
        return hashlib.sha256(bundle_files.canonical(document) + self.booster.encode()).hexdigest()

    def band(self, raw: NDArray[np.float64]) -> NDArray[np.str_]:
        """The band of each raw score: A, B, C, or D below all cut-offs."""
        bands = np.full(len(raw), "D", dtype="<U1")
        for name in sorted(self.cutoffs, reverse=True):
            bands[raw >= self.cutoffs[name]] = name
        return bands

    def as_dict(self) -> dict[str, Any]:
        """Everything but the booster, as plain data."""
        return {
            "name": self.name,
            "task": self.task,
            "features": [feature.as_dict() for feature in self.features],
            "coding": self.coding.as_dict(),
            "calibration": {"a": float(self.calibration.a), "b": float(self.calibration.b)},
            "base_value": float(self.base_value),
            "cutoffs": {key: float(value) for key, value in self.cutoffs.items()},
            "level_accounts": {key: dict(value) for key, value in self.level_accounts.items()},
            "training": asdict(self.training) | {"as_of": list(self.training.as_of)},
            "value": self.value,
            "quarantine_max": float(self.quarantine_max),
            "meaning": dict(self.meaning),
            "fingerprint": self.fingerprint,
            "versions": dict(self.versions),
            "verdict": self.verdict,
            "created_at": self.created_at,
            "run_id": self.run_id,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], booster: str) -> Bundle:
        """The bundle that :meth:`as_dict` described."""
        values = dict(data)
        values["features"] = tuple(Feature.from_dict(feature) for feature in values["features"])
        values["coding"] = Coding.from_dict(values["coding"])
        values["calibration"] = Calibration(**values["calibration"])
        training = dict(values["training"])
        values["training"] = Training(**(training | {"as_of": tuple(training["as_of"])}))
        return cls(booster=booster, **values)

    def save(self, folder: Path | str) -> Path:
        """Write the bundle as a new folder, whole or not at all.

        Raises
        ------
        ModelError
            ``rare-level`` when fewer than 20 accounts share a level; ``folder-exists`` when there is
            something already.
        OutsideError
            ``not-written`` when the disk is full or refuses.
        """
        rare = rare_levels(self)
        if rare:
            raise ModelError(rare)
        document = {"format": FORMAT, **self.as_dict()}
        return bundle_files.write(Path(folder), document, self.booster)

    @classmethod
    def load(cls, folder: Path | str) -> Bundle:
        """Read a bundle; digests are checked before anything in it is parsed.

        Raises
        ------
        ModelError
            ``missing-file``, ``extra-file``, ``changed-file``, ``newer-format``, ``bad-bundle`` or
            ``bad-booster``, in words.
        """
        document, booster = bundle_files.read(Path(folder), FORMAT)
        document.pop("format")
        try:
            bundle = cls.from_dict(document, booster)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(
                Fault(
                    code="bad-bundle",
                    found=f"{folder} has a bundle.json that does not describe a model: {error!r}",
                    do="Take the bundle again from where it was trained",
                )
            ) from error
        rare = rare_levels(bundle)
        if rare:
            raise ModelError(rare)
        return bundle


def band_cutoffs(
    raw: NDArray[np.float64], shares: Mapping[str, float], weight: NDArray[np.float64] | None = None
) -> dict[str, float]:
    """Least raw score of each band, so that the cumulative shares of ``raw`` lie at or above it.

    Parameters
    ----------
    raw : ndarray
        Raw scores of rows that the model has not seen.
    shares : mapping of str to float
        Cumulative share of the list per band, such as ``{"A": 0.05, "B": 0.2, "C": 0.5}``.
    weight : ndarray, optional
        How many accounts each of them stands for.
    """
    if len(raw) == 0:
        raise ModelError(
            Fault(code="no-scores", found="There are no scores to take the bands' cut-offs from")
        )
    order = np.argsort(-raw, kind="stable")
    counts = np.cumsum(np.ones(len(raw)) if weight is None else weight[order])
    scale = len(raw) / counts[-1]
    return {
        name: float(raw[order][np.searchsorted(counts * scale, max(1, round(share * len(raw))) - 1e-9)])
        for name, share in shares.items()
    }


def count_levels(coding: Coding, frame: pd.DataFrame, accounts: Sequence[str]) -> dict[str, dict[str, int]]:
    """For each category of a coding, how many accounts share each of its levels.

    Parameters
    ----------
    frame : DataFrame
        The training rows.
    accounts : sequence of str
        The account of each row.
    """
    codes = coding.encode(frame)
    owners = pd.factorize(np.asarray(accounts, dtype=object))[0]
    counts: dict[str, dict[str, int]] = {}
    for position, column in enumerate(coding.columns):
        if column.kind != "category":
            continue
        pairs = pd.DataFrame({"code": codes[:, position], "account": owners}).drop_duplicates()
        found = pairs["code"].value_counts()
        counts[column.name] = {
            level: int(found.get(float(code), 0)) for code, level in enumerate(column.levels)
        }
    return counts


def rare_levels(bundle: Bundle) -> list[Fault]:
    """The categories with a level that too few accounts share. The levels themselves are not told."""
    faults = []
    for column in bundle.coding.columns:
        counts = bundle.level_accounts.get(column.name, {})
        rare = [level for level in column.levels if counts.get(level, 0) < FEWEST_ACCOUNTS]
        if rare:
            faults.append(
                Fault(
                    code="rare-level",
                    found=f"{column.name} has {len(rare)} values that fewer than {FEWEST_ACCOUNTS} "
                    "accounts share",
                    allowed="A bundle keeps no value that might tell who somebody is",
                    do="Count accounts, not rows, when the coding is learned, or leave the column out",
                    column=column.name,
                    count=len(rare),
                )
            )
    return faults


def _feature_faults(bundle: Bundle) -> list[Fault]:
    faults = []
    names = [column.name for column in bundle.coding.columns]
    if list(bundle.columns) != names:
        odd = sorted(set(bundle.columns) ^ set(names)) or names
        faults.append(
            Fault(
                code="bad-bundle",
                found=f"The bundle's features and its coding do not agree: {', '.join(odd[:5])}",
                allowed="Both must name the same columns in the same order",
            )
        )
    unfit = [
        column.name
        for column, feature in zip(bundle.coding.columns, bundle.features, strict=False)
        if column.kind not in ("empty", feature.kind)
    ]
    if not faults and unfit:
        faults.append(
            Fault(
                code="bad-bundle", found=f"Features of one kind are coded as another: {', '.join(unfit[:5])}"
            )
        )
    return faults


def _number_faults(bundle: Bundle) -> list[Fault]:
    faults = []
    numbers = [bundle.calibration.a, bundle.calibration.b, bundle.base_value, *bundle.cutoffs.values()]
    if not np.all(np.isfinite(numbers)):
        faults.append(Fault(code="bad-bundle", found="A number of the bundle is not finite"))
    if not bundle.calibration.a > 0:
        faults.append(
            Fault(
                code="bad-bundle",
                found=f"The calibration's slope is {bundle.calibration.a}",
                allowed="It must be above 0, so that a higher score means a higher chance",
            )
        )
    ordered = [bundle.cutoffs[name] for name in sorted(bundle.cutoffs)]
    if ordered != sorted(ordered, reverse=True):
        faults.append(
            Fault(code="bad-bundle", found=f"The bands' cut-offs do not fall: {dict(bundle.cutoffs)}")
        )
    return faults
