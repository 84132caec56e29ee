"""The page from the view: Jinja2 with escaping on, so that a name with markup is a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from salesml.scorecard.report.view import view
from salesml.scorecard.schema import Table

if TYPE_CHECKING:
    from jinja2 import Template


def page(tables: Mapping[str, pd.DataFrame], declared: Iterable[Table], currency: str = "") -> str:
    """The report as one HTML page.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of a scorecard.
    declared : iterable of Table
        What their columns are; a table that nobody declared is shown under its own names.
    currency : str
        Of its money.
    """
    return _template().render(view=view(tables, declared, currency))


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("salesml.scorecard.report")
    made = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.get_template("report.html")
