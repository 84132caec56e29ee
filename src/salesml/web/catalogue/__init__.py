"""Every text of the pages, by key, in one file for each language."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Final

import yaml
from markupsafe import Markup, escape

LANGUAGE: Final = "en"


class Texts:
    """The texts of one language.

    Parameters
    ----------
    entries : dict
        Text by key, with ``{names}`` for what is put in; or ``{one: ..., other: ...}`` where a text goes by
        a ``count``.
    """

    def __init__(self, entries: dict[str, Any]) -> None:
        self.entries = entries

    def __call__(self, key: str, **values: Any) -> str:
        """A text with its values; a value's markup is escaped unless it is Markup itself.

        Raises
        ------
        KeyError
            When there is no such text, or a value is missing.
        """
        entry = self.entries[key]
        if isinstance(entry, dict):
            entry = entry["one" if values["count"] == 1 else "other"]
        if not values:
            return str(entry).format()
        if any(isinstance(value, Markup) for value in values.values()):
            return Markup(escape(entry)).format(**values)
        return str(entry).format(**{name: _number(value) for name, value in values.items()})


@cache
def texts(language: str = LANGUAGE) -> Texts:
    """The texts of a language."""
    return Texts(_flat(yaml.safe_load(_file(language))))


def _file(language: str) -> str:
    return resources.files(__package__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")


def _flat(tree: dict[str, Any], before: str = "") -> dict[str, Any]:
    """``{a: {b: text}}`` as ``{"a.b": text}``; what has ``other`` stays whole."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict) and "other" not in value:
            found |= _flat(value, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = value
    return found


def _number(value: Any) -> Any:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value
