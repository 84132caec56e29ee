"""Logging what a verb kept in a folder: a run of its own, without a model and without a row of the data."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml.config import Tracking
from salesml.errors import Fault, UsageError
from salesml.tracking.log import _ended, _experiment, _numbers
from salesml.tracking.store import connected

if TYPE_CHECKING:
    from mlflow import MlflowClient

More = Callable[["MlflowClient", str], None]
"""Logs what else there is to a run, by its id."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A kind of folder.

    Parameters
    ----------
    kind : str
        The run's tag ``kind``, and the tag that names the folder it was logged from.
    of_tag : str
        The tag that holds the model's name. Trainings have another, so that comparing them leaves these out.
    file : str
        Where its figures stand as JSON.
    needs : tuple of str
        Keys that they have.
    called, command : str
        What a person calls it, and the command that leaves one.
    """

    kind: str
    of_tag: str
    file: str
    needs: tuple[str, ...]
    called: str
    command: str

    def read(self, folder: Path) -> dict[str, Any]:
        """The figures of a folder.

        Raises
        ------
        UsageError
            ``not-a-look``, or as it is called, when it is not the folder of one.
        """
        try:
            data: dict[str, Any] = json.loads((folder / self.file).read_text(encoding="utf-8"))
            lacks = [key for key in self.needs if key not in data]
        except (OSError, ValueError, TypeError) as error:
            raise self._none(folder, f"its {self.file} cannot be read: {error}") from error
        if lacks:
            raise self._none(folder, f"its {self.file} lacks {', '.join(lacks)}")
        return data

    def log(
        self,
        folder: Path,
        config: Tracking,
        data: Mapping[str, Any],
        *,
        name: str,
        tags: Mapping[str, str],
        metrics: Mapping[str, Any],
        leave: Collection[str] = (),
        more: More | None = None,
    ) -> str:
        """Log a folder with its files, and return the run's id.

        Parameters
        ----------
        data : mapping
            What :meth:`read` returned.
        name : str
            Of the run.
        leave : collection of str
            Files that stay where they were written.

        Raises
        ------
        OutsideError
            ``tracking-away``. The folder is untouched: call this again later.
        """
        own = {self.of_tag: data["name"], "salesml.task": data["task"], self.kind: folder.name}
        with connected(config) as client:
            experiment = _experiment(client, config)
            run = client.create_run(experiment, tags={**tags, "kind": self.kind, **own}, run_name=name)
            run_id = str(run.info.run_id)
            with _ended(client, run_id):
                _numbers(client, run_id, data["params"], metrics)
                if more:
                    more(client, run_id)
                for path in sorted(folder.iterdir()):
                    if path.is_file() and path.name not in leave and not path.name.startswith("."):
                        client.log_artifact(run_id, str(path))
        return run_id

    def _none(self, folder: Path, why: str) -> UsageError:
        return UsageError(
            Fault(
                code=f"not-{self.called.replace(' ', '-')}",
                found=f"{folder} is not {self.called} that can be logged: {why}",
                allowed=f"{self.called.capitalize()} is a folder with {self.file}, "
                f"as `{self.command}` leaves it",
            )
        )
