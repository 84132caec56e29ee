"""What was decided of each run and folder of a model, and what a person reads of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from salesml.config.retention import Retention


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A run, a folder, or a run with its folder.

    Parameters
    ----------
    kind : str
        training, backtest, monitor, payoff, tuning or scoring.
    run_id, folder : str
        Either may be empty.
    size : int
        Bytes of the folder.
    stays : str
        Why it stays; empty for what goes.
    """

    kind: str
    run_id: str = ""
    versions: tuple[int, ...] = ()
    folder: str = ""
    started: str = ""
    size: int = 0
    stays: str = ""

    def line(self) -> str:
        version = f" (version {', '.join(map(str, self.versions))})" if self.versions else ""
        run = f" run {self.run_id[:8]}" if self.run_id else ""
        where = f" {self.folder}, {_bytes(self.size)}" if self.folder else ""
        return f"{self.kind}{run}{version}{where}"


@dataclass(frozen=True, kw_only=True)
class Tidied:
    """What was decided of each run and folder of a model, and whether it was done."""

    name: str
    rule: Retention
    dry: bool
    decided: tuple[Decided, ...]

    @property
    def gone(self) -> tuple[Decided, ...]:
        return tuple(each for each in self.decided if not each.stays)

    @property
    def stays(self) -> Counter[str]:
        """Of each reason why something stays, how often."""
        return Counter(each.stays for each in self.decided if each.stays)

    def text(self) -> str:
        """What went and what stays, for a person."""
        if not self.decided:
            return f"{self.name}: there is no run of it in MLflow, and no folder of one"
        runs = sum(bool(each.run_id) for each in self.gone)
        folders = sum(bool(each.folder) for each in self.gone)
        size = _bytes(sum(each.size for each in self.gone))
        verb = "would go" if self.dry else "removed"
        rule = f"the newest {self.rule.keep} of each kind and what is younger than {self.rule.days} days stay"
        total = f"{self.name}: {runs:,} runs and {folders:,} folders ({size}) {verb}; {rule}"
        lines = [f"{verb}: {each.line()}" for each in self.gone]
        lines += [f"{number:,} stay: {why}" for why, number in self.stays.items()]
        if runs and not self.dry:
            lines.append("Runs can be restored in MLflow until `mlflow gc` is run, which frees their room")
        return "\n".join([*lines, total])

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return asdict(self)


def _bytes(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size = round(size / 1000)
    return f"{size:,} GB"
