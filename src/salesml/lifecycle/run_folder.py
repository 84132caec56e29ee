"""A training as a folder: everything that a run consists of, whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salesml.config import Spec
from salesml.errors import Fault, OutsideError
from salesml.lifecycle.fit import Tested
from salesml.model.bundle import Bundle
from salesml.model.evaluation import Evaluation
from salesml.model.plots import draw
from salesml.pictures.shap_plots import draw_shap

UNFINISHED = ".unfinished"
NOT_DRAWN = "shap_not_drawn.txt"


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """What goes into a run's folder.

    ``texts`` are further files by name, such as ``snapshot.sql``; ``test_as_of`` the dates tested on,
    ``metrics`` figures beside those of the evaluation.
    """

    spec: Spec
    registered_name: str
    tested: Tested
    bundle: Bundle
    tags: Mapping[str, str]
    texts: Mapping[str, str] = field(default_factory=dict)
    test_as_of: Sequence[str] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)

    def write(self, parent: Path) -> Path:
        """Write a new folder under ``parent``, named by the time, and return it.

        Raises
        ------
        OutsideError
            ``not-written`` when the disk is full or refuses.
        """
        try:
            return self._write(parent)
        except OSError as error:
            raise OutsideError(
                Fault(
                    code="not-written",
                    found=f"The training could not be kept in {parent}: {error.strerror or error}",
                    do="Make room, or let the folder be written, and train again",
                )
            ) from error

    def _write(self, parent: Path) -> Path:
        aside = new_folder(parent)
        folder = parent / aside.name.removeprefix(".").removesuffix(UNFINISHED)
        try:
            self._fill(aside, folder.name)
            aside.rename(folder)  # nobody else has this name: whoever holds the aside folder holds both
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        return folder

    def _fill(self, aside: Path, name_of_run: str) -> None:
        self.bundle.save(aside / "bundle")
        draw(self.tested.evaluation, aside / "plots")
        self._draw_shap(aside / "plots")
        for name, text in self.texts.items():
            (aside / name).write_text(text, encoding="utf-8")
        _json(aside / "evaluation.json", self.tested.evaluation.as_dict())
        _json(aside / "run.json", self._run(name_of_run))

    def _draw_shap(self, plots: Path) -> None:
        """Pictures of what moves scores; one that shap cannot draw is no reason to lose a training."""
        sample, published = self.tested.sample, self.tested.calibration
        if sample is None:
            return
        if published is not None:
            sample = sample.scaled(published.a / self.tested.classifier.calibration_.a)
        rows = "rows of the test" if self.test_as_of else "rows"
        try:
            draw_shap(sample, self.bundle.features, self.bundle.coding, plots, rows=rows)
        except OSError:
            raise
        except Exception as error:
            (plots / NOT_DRAWN).write_text(f"shap could not draw the contributions: {error!r}\n", "utf-8")

    def _run(self, trained: str) -> dict[str, Any]:
        return {
            "name": self.spec.name,
            "task": self.spec.task,
            "registered_name": self.registered_name,
            "params": self._params(),
            "metrics": metrics(self.tested.evaluation)
            | (self.tested.seeds.metrics() if self.tested.seeds else {})
            | dict(self.metrics),
            "tags": {
                "trained": trained,  # an equal training at another time is another run
                "verdict": self.tested.verdict.kind,
                "verdict.text": self.tested.verdict.text,
                "data.fingerprint": self.bundle.fingerprint,
                **self.tags,
            },
        }

    def _params(self) -> dict[str, Any]:
        spec, training = self.spec, self.bundle.training
        return {
            "horizon_days": spec.horizon_days,
            "gap_days": spec.gap_days,
            **({"horizons_days": ",".join(map(str, spec.horizons_days))} if spec.horizons_days else {}),
            "label": spec.label.kind,
            "windows_days": ",".join(map(str, spec.windows_days)),
            "train_as_of": ",".join(training.as_of),
            "test_as_of": ",".join(self.test_as_of),
            "own_features": ",".join(own.name for own in spec.features),
            "spec_digest": hashlib.sha256(spec.text.encode()).hexdigest()[:12],
            "train_rows": training.rows,
            "train_positives": training.positives,
            "features": len(self.bundle.features),
            "trees": self.tested.classifier.n_trees_,
            **{f"learner.{key}": value for key, value in self.tested.classifier.recipe_.as_dict().items()},
            **{f"version.{key}": value for key, value in self.bundle.versions.items()},
        }


def metrics(evaluation: Evaluation) -> dict[str, float]:
    """Every figure under one name: ``auc``, ``auc_low``, ``auc_high``, and gains over baselines."""
    found: dict[str, float] = {
        "rows": evaluation.rows, "accounts": evaluation.accounts, "positives": evaluation.positives,
        "observed": evaluation.observed, "mean_p": evaluation.mean_p,
    }  # fmt: skip
    groups = {"": evaluation.metrics}
    groups |= {f"gain_over_{name.replace(' ', '_')}.": gains for name, gains in evaluation.gains.items()}
    groups |= {f"{name.replace(' ', '_')}.": theirs for name, theirs in evaluation.baselines.items()}
    for prefix, group in groups.items():
        for name, estimate in group.items():
            found[f"{prefix}{name}"] = estimate.value
            found[f"{prefix}{name}_low"] = estimate.low
            found[f"{prefix}{name}_high"] = estimate.high
    return {name: float(value) for name, value in found.items()}


def new_folder(parent: Path) -> Path:
    """A new hidden folder for the time in UTC: its final name is not there yet, and ours alone."""
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    parent.mkdir(parents=True, exist_ok=True)
    number = 0
    while True:
        number += 1
        name = stamp if number == 1 else f"{stamp}-{number}"
        aside = parent / f".{name}{UNFINISHED}"
        try:
            aside.mkdir()
        except FileExistsError:
            continue
        if not (parent / name).exists():
            return aside
        aside.rmdir()


def _json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=2, sort_keys=True) + "\n", encoding="utf-8")
