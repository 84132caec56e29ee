"""A study as a folder: what it is of, and a line for each trial as soon as that is done."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault, OutsideError, UsageError
from salesml.lifecycle.run_folder import UNFINISHED, new_folder
from salesml.lifecycle.tuning.trial import Trial
from salesml.scoring.batch.alone import hold

FOLDER = "tuning"
STUDY, TRIALS, RESULT, LOSSES = "study.json", "trials.jsonl", "result.json", "losses"
LOCK = ".lock"


@dataclass(frozen=True, kw_only=True)
class Study:
    """A study's folder.

    Parameters
    ----------
    identity : mapping of str to str
        What it is of, as :meth:`Material.identity` says.
    """

    folder: Path
    name: str
    identity: Mapping[str, str]

    @classmethod
    def begin(cls, parent: Path, name: str, identity: Mapping[str, str], *, called: str = "") -> Study:
        """A new folder under ``parent``, named by the time unless it is ``called`` otherwise."""
        with _in_words(parent):
            aside = new_folder(parent)
            folder = parent / (called or aside.name.removeprefix(".").removesuffix(UNFINISHED))
            told = json.dumps({"name": name, "identity": dict(identity)}, indent=2, sort_keys=True)
            (aside / STUDY).write_text(told + "\n", encoding="utf-8")
            aside.rename(folder)
        return cls(folder=folder, name=name, identity=identity)

    @classmethod
    def newest(cls, parent: Path, name: str) -> Study | None:
        """The study that was begun last, if there is one."""
        for path in sorted(parent.glob(f"[!.]*/{STUDY}"), key=lambda path: path.parent.name, reverse=True):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                data = json.loads(path.read_text(encoding="utf-8"))
                return cls(folder=path.parent, name=name, identity=dict(data["identity"]))
        return None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the study while the block lasts.

        Raises
        ------
        OutsideError
            ``job-running`` when another process goes on with it.
        """
        with _in_words(self.folder):
            (self.folder / LOCK).touch()
        with hold(self.folder / LOCK):
            yield

    def trials(self) -> tuple[Trial, ...]:
        """The trials that are done; a line that a kill broke off, and what follows it, is none."""
        path = self.folder / TRIALS
        found: list[Trial] = []
        if not path.is_file():
            return ()
        with _in_words(self.folder):
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    trial = Trial.read(line)
                except (ValueError, KeyError, TypeError):
                    break
                if trial.number != len(found):
                    break
                found.append(trial)
            whole = "".join(trial.json() + "\n" for trial in found)
            if whole != path.read_text(encoding="utf-8"):
                self._replace(TRIALS, whole)
        return tuple(found)

    def keep(self, trial: Trial) -> None:
        """Have a trial on disk before the next one begins."""
        with _in_words(self.folder), (self.folder / TRIALS).open("a", encoding="utf-8") as file:
            file.write(trial.json() + "\n")
            file.flush()
            os.fsync(file.fileno())

    def keep_losses(self, trial: int, sums: NDArray[np.float64]) -> None:
        """Keep what each account lost, without saying whose it is; it never leaves the folder."""
        with _in_words(self.folder):
            (self.folder / LOSSES).mkdir(exist_ok=True)
            np.save(self.folder / LOSSES / f"{trial:05d}.npy", sums, allow_pickle=False)

    def losses(self, trial: int, accounts: int) -> NDArray[np.float64] | None:
        """What :meth:`keep_losses` kept, if it is there and of as many accounts."""
        try:
            found = np.load(self.folder / LOSSES / f"{trial:05d}.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return found if found.shape == (accounts,) and found.dtype == np.float64 else None

    def write(self, name: str, text: str) -> None:
        """Write one of its files, whole or not at all."""
        with _in_words(self.folder):
            self._replace(name, text)

    def _replace(self, name: str, text: str) -> None:
        aside = self.folder / f".{name}{UNFINISHED}"
        aside.write_text(text, encoding="utf-8")
        aside.replace(self.folder / name)

    def refuse_other(self, identity: Mapping[str, str]) -> None:
        """That it is of the same rows and settings.

        Raises
        ------
        UsageError
            ``other-study``, a fault for each difference.
        """
        raise_other(self.folder.name, self.identity, identity)


MEANINGS = {
    "spec": "the spec is another",
    "learner": "what the spec's learner fixes is something else",
    "data": "the rows to learn from are others",
    "test": "the rows of the test are others",
    "folds": "the folds are others",
    "space": "other settings are tried",
    "seed": "the seed is another",
    "versions": "packages have other versions",
}
SHOWN = ("learner", "space", "seed", "versions")
"""Keys whose values say something to a person."""


def raise_other(study: str, was: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Refuse to go on with a study of something else."""
    faults = [
        Fault(
            code="other-study",
            found=f"The study {study} cannot go on: {words}"
            + (f" (then {was.get(key, 'nothing')}, now {now.get(key, 'nothing')})" if key in SHOWN else ""),
            allowed="Trials are compared only where all else is equal",
            do="Leave --resume out: a new study begins",
        )
        for key, words in MEANINGS.items()
        if was.get(key) != now.get(key)
    ]
    if faults:
        raise UsageError(faults)


def looks_before(parent: Path, test: str) -> list[dict[str, Any]]:
    """Learners that tunings compared with the defaults on these test rows, each once."""
    found: list[dict[str, Any]] = []
    for path in sorted(parent.glob(f"[!.]*/{RESULT}")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["identity"]["test"] == test:
                found += [each for each in data["judged"] if each not in found]
    return found


@contextlib.contextmanager
def _in_words(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutsideError(
            Fault(
                code="not-written",
                found=f"The study could not be kept in {place}: {error.strerror or error}",
                do="Make room, or let the folder be written; then go on with --resume",
            )
        ) from error
