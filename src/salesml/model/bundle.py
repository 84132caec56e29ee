"""A fitted model as plain data: what it is made of, and what may stand in it.

A bundle is a folder with ``booster.txt`` and ``bundle.json`` and, where amounts are modelled or when accounts
leave, their texts (see ``bundle_files``). Nothing in it can be executed, and nothing in it tells of a single
customer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault, ModelError
from salesml.model import booster_text, bundle_files, peers
from salesml.model.amounts import Amounts
from salesml.model.bands import band_cutoffs
from salesml.model.bundle_checks import curve_faults, feature_faults, number_faults, peer_faults
from salesml.model.calibration import Calibration
from salesml.model.coding import Coding
from salesml.model.levels import count_levels, rare_levels
from salesml.model.survival.hazard import HazardModel
from salesml.snapshots.feature import Feature
from salesml.words.peers import Peers

__all__ = ["Bundle", "Training", "band_cutoffs", "count_levels", "rare_levels"]

FORMAT, WITH_AMOUNTS, WITH_PEERS, WITH_CURVES = 1, 2, 3, 4
"""Versions of the form of ``bundle.json``, the second with models of amounts, the third with what is usual
among peers, the fourth with a model of when accounts leave; a newer one is refused."""

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
    task : {"churn", "conversion", "fit", "seeds"}
        What is predicted; ``seeds``: being like a list of best customers, which is no chance of anything.
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
    level_shares : mapping
        For each category that is an attribute, how its levels were spread over the training rows; see
        :func:`salesml.model.level_shares.all_shares`.
    peers : Peers
        What is usual of each feature among the training rows, for sentences.
    training : Training
        Training window.
    prior : mapping of str to float
        Of a score learned from a list of best customers: what is known of their share among all others
        (``positive_unlabelled.Prior``); empty for all other models.
    value : str
        The measure that the value at risk comes from, ``LOG.MEASURE``, or empty.
    amounts : Amounts or None
        Models of what the outcome is worth and of the hours it takes, over the same columns.
    survival : HazardModel or None
        The model of when accounts leave, over the same columns.
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
    level_shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict, repr=False)
    peers: Peers = field(default_factory=Peers, repr=False)
    training: Training = field(default_factory=Training)
    prior: Mapping[str, float] = field(default_factory=dict)
    value: str = ""
    amounts: Amounts | None = field(default=None, repr=False)
    survival: HazardModel | None = field(default=None, repr=False)
    quarantine_max: float = 0.01
    meaning: Mapping[str, str] = field(default_factory=dict, repr=False)
    fingerprint: str = ""
    versions: Mapping[str, str] = field(default_factory=dict, repr=False)
    verdict: str = field(default="", repr=False)
    created_at: str = ""
    run_id: str = ""

    def __post_init__(self) -> None:
        faults = [*feature_faults(self), *number_faults(self), *peer_faults(self), *curve_faults(self)]
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
        texts = [self.booster, *(text for _, text in sorted(self.texts.items()))]
        return hashlib.sha256(bundle_files.canonical(document) + "".join(texts).encode()).hexdigest()

    @property
    def texts(self) -> dict[str, str]:
        """The texts of models of amounts and of when accounts leave, by file."""
        found = self.amounts.texts if self.amounts else {}
        return found | (self.survival.texts if self.survival else {})

    @property
    def horizons(self) -> tuple[int, ...]:
        """The days of the curves that scores get; none without a model of when accounts leave."""
        return self.survival.horizons if self.survival else ()

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
            "level_shares": {key: dict(value) for key, value in self.level_shares.items()},
            **({"peers": peers.as_dict(self.peers)} if self.peers.usual else {}),
            "training": asdict(self.training) | {"as_of": list(self.training.as_of)},
            "prior": {key: float(value) for key, value in self.prior.items()},
            "value": self.value,
            **({"amounts": self.amounts.as_dict()} if self.amounts else {}),
            **({"survival": self.survival.as_dict()} if self.survival else {}),
            "quarantine_max": float(self.quarantine_max),
            "meaning": dict(self.meaning),
            "fingerprint": self.fingerprint,
            "versions": dict(self.versions),
            "verdict": self.verdict,
            "created_at": self.created_at,
            "run_id": self.run_id,
        }

    @classmethod
    def from_dict(
        cls, data: Mapping[str, Any], booster: str, texts: Mapping[str, str] | None = None
    ) -> Bundle:
        """The bundle that :meth:`as_dict` described."""
        values = dict(data)
        if "amounts" in values:
            values["amounts"] = Amounts.from_dict(values["amounts"], texts or {})
        if "survival" in values:
            values["survival"] = HazardModel.from_dict(values["survival"], texts or {})
        if "peers" in values:
            values["peers"] = peers.from_dict(values["peers"])
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
        rare = rare_levels(self.coding, self.level_accounts)
        if rare:
            raise ModelError(rare)
        form = WITH_PEERS if self.peers.usual else WITH_AMOUNTS if self.amounts else FORMAT
        form = WITH_CURVES if self.survival else form
        document = {"format": form, **self.as_dict()}
        return bundle_files.write(Path(folder), document, {bundle_files.BOOSTER: self.booster, **self.texts})

    @classmethod
    def load(cls, folder: Path | str) -> Bundle:
        """Read a bundle; digests are checked before anything in it is parsed.

        Raises
        ------
        ModelError
            ``missing-file``, ``extra-file``, ``changed-file``, ``newer-format``, ``bad-bundle`` or
            ``bad-booster``, in words.
        """
        document, texts = bundle_files.read(Path(folder), WITH_CURVES)
        document.pop("format")
        try:
            bundle = cls.from_dict(document, texts.pop(bundle_files.BOOSTER), texts)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(
                Fault(
                    code="bad-bundle",
                    found=f"{folder} has a bundle.json that does not describe a model: {error!r}",
                    do="Take the bundle again from where it was trained",
                )
            ) from error
        rare = rare_levels(bundle.coding, bundle.level_accounts)
        if rare:
            raise ModelError(rare)
        return bundle
