"""The profile of the ideal customer as it is told: files of a run's folder, a part of the model card."""

from __future__ import annotations

from salesml.model.profile import Profile

TITLE = "What ideal customers have more often or less often"


def profile_files(written: Profile) -> dict[str, str]:
    """``profile.md`` to be read, and ``profile.csv`` with every level that was looked at."""
    return {
        "profile.md": f"# {TITLE}\n\n{written.text()}\n",
        "profile.csv": written.table().to_csv(index=False),
    }


def profile_told(written: Profile, level: str = "##") -> str:
    """The profile under its title."""
    return f"{level} {TITLE}\n\n{written.text()}"
