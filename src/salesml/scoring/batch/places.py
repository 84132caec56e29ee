"""Where the scores of a job go, and where it works meanwhile.

Everything that is not finished lies in a hidden folder beside the target, never inside it: readers
of a folder of Parquet files look into whatever they find there, hidden or not.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from salesml.errors import Fault, UsageError
from salesml.scoring.batch.durable import make_folder

FOLDERS = ("task=", "as_of=")
"""How the folders of a dataset are called."""


@dataclass(frozen=True)
class Place:
    """The target of a job and the folders that belong to it.

    Parameters
    ----------
    target : Path
        A file, or the folder of a dataset.
    partition : str
        Of a dataset, the part that the job replaces: ``task=churn/as_of=2026-01-01``; empty for a file.
    address : str
        Of a database, what messages name; the target is then a name beside which the job works.
    """

    target: Path
    partition: str = ""
    address: str = ""

    @property
    def private(self) -> Path:
        """The hidden folder beside the target."""
        return self.target.parent / f".{self.target.name}.salesml"

    @property
    def key(self) -> str:
        """The partition as the name of one file."""
        return self.partition.replace("/", ",") or "file"

    @property
    def lock(self) -> Path:
        """Held by the job that writes here."""
        return self.private / f"{self.key}.lock"

    @property
    def work(self) -> Path:
        """Unfinished jobs of this place, a folder each; only their owner may look into them."""
        return self.private / "work" / self.key

    @property
    def generations(self) -> Path:
        """Finished generations of this place, a folder each."""
        return self.private / "generations" / self.key

    @property
    def link(self) -> Path:
        """What readers open: points to the parts of the current generation."""
        return self.target / self.partition

    def shown(self) -> str:
        """The place as a message names it."""
        return self.address or str(self.link if self.partition else self.target)

    def make(self) -> None:
        """Have the folders."""
        make_folder(self.private / "work", 0o700)
        make_folder(self.work)
        if self.partition:
            make_folder(self.generations)
            make_folder(self.link.parent)
            _refuse_two_disks(self.private, self.link.parent)


def place_of(target: Path, task: str, as_of: str) -> Place:
    """A file by its ending, a dataset without one or where a folder is.

    Raises
    ------
    UsageError
        ``needs-date`` for a dataset of rows without one date, ``inside-dataset`` for a place within one.
    """
    target = target.parent.resolve() / target.name if target.name not in ("", "..") else target.resolve()
    _refuse_inside(target)
    if not is_dataset(target):
        return Place(target)
    # A link to a folder is that folder: two names of one dataset must not be two places.
    target = Path(os.path.realpath(target))
    if not as_of:
        raise UsageError(
            Fault(
                code="needs-date",
                found=f"{target} is a folder of scores by task and date, and no date is given",
                do="Name the date with --as-of, or write one file: --out scores.parquet",
            )
        )
    return Place(target, f"task={task}/as_of={as_of}")


def is_dataset(target: Path) -> bool:
    """Whether scores written there are a folder of parts."""
    return target.is_dir() or (target.suffix == "" and not target.exists())


def _refuse_inside(target: Path) -> None:
    """Whoever reads a dataset reads every file in it: a second one inside would double its rows."""
    inside = [each for each in (target, *target.parents) if each.name.startswith(FOLDERS)]
    if inside:
        raise UsageError(
            Fault(
                code="inside-dataset",
                found=f"{target} is within a dataset of scores",
                allowed="A job finds the folder of its task and date itself",
                do=f"Name the dataset, such as {inside[-1].parent}",
            )
        )


def _refuse_two_disks(private: Path, folder: Path) -> None:
    """A link takes its name in one step only within one file system."""
    if private.stat().st_dev != folder.stat().st_dev:
        raise UsageError(
            Fault(
                code="two-disks",
                found=f"{folder} and the folder above it are on different disks",
                allowed="A generation becomes visible in one step only within one disk",
                do="Name a folder inside that disk, such as its subfolder scores",
            )
        )
