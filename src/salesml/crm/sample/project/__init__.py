"""crm.yaml, mlflow.yaml and models/ of the simulated company."""

from __future__ import annotations

import datetime as dt
import re
from importlib.resources import files

from salesml.crm.sample.calendar import HORIZON, Calendar

PROJECT = ("crm.yaml", "mlflow.yaml", "models/churn.yaml", "models/conversion.yaml", "models/fit.yaml")

_MONTHLY = re.compile(r"as_of: {every: month, train: (\d+), validate: 1, test: 1}")


def project_files(calendar: Calendar) -> dict[str, str]:
    """The text of each file, as-of dates on the first of a month: there the truth is known."""
    folder = files("salesml.crm.sample.project")
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in PROJECT}
    return {name: _MONTHLY.sub(lambda found: _dates(calendar, found), text) for name, text in texts.items()}


def _dates(calendar: Calendar, found: re.Match[str]) -> str:
    """The last date whose outcome is known for the test, and what is known by then before it."""
    firsts = [calendar.first + dt.timedelta(days) for days in calendar.month_starts.tolist()]
    test = _latest(firsts, firsts[calendar.months])
    validate = _latest(firsts, test)
    train = firsts[1 : firsts.index(_latest(firsts, validate)) + 1][-int(found[1]) :]
    listed = ", ".join(map(str, train))
    return f"as_of: {{train: [{listed}], validate: [{validate}], test: [{test}]}}"


def _latest(firsts: list[dt.date], known: dt.date) -> dt.date:
    """The last first of a month whose horizon ends by then."""
    return max(each for each in firsts if each + dt.timedelta(HORIZON) <= known)
