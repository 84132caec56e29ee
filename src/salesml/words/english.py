"""All the English that reps read: words and sentence patterns, and nothing else.

Another language is another file with the same names.
"""

from __future__ import annotations

NOT_KNOWN = "not known"
EMPTY = "left empty"
NONE_OF = "No {what}"
RARE = "a rare or new value"

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

ONE_DAY = "1 day"
DAYS = "{count} days"
ABOUT_MONTHS = "about {count} months"
ABOUT_YEARS = "about {count} years"
TIMES = "{number} times"
BELOW_PERCENT = "below {percent}"
ABOVE_PERCENT = "above {percent}"
YES, NO = "yes", "no"

THOUSANDS = ","
POINT = "."
MINUS = "-"
PERCENT = "{number}%"
MONEY = "{symbol}{number}"
MONEY_BY_CODE = "{number} {code}"
SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "BRL": "R$", "JPY": "¥", "INR": "₹"}

STATEMENT = "{what}: {value}"
"""The plain pattern, true for every feature."""

PATTERNS: tuple[tuple[str, str, str], ...] = (
    ("days", r"days since the (?P<what>(?:last|latest|first) .+ (?:began|ended))", "The {what} {value} ago"),
    ("days", r"days since the last (?P<what>.+)", "No {what} for {value}"),
    ("days", r"days since the first (?P<what>.+)", "The first {what} was {value} ago"),
    ("days", r"days since (?P<what>.+)", "{What}: {value} ago"),
    ("days", r"days to (?P<what>.+)", "{What}: in {value}"),
    ("days", r"days as (?P<what>.+)", "{What} for {value}"),
    ("days", r"(?P<what>(?:days with|usual days) .+)", "{What}: {number}"),
    ("ratio", r"days since the last (?P<what>.+) against (?P<usual>.+)", "No {what} for {value} {usual}"),
)
"""Form of a feature, how its words run, and the sentence that says the same better. The first that
fits is taken; a value below 0 is always stated plainly."""

JUST_NOW = ("days", r"days since the last (?P<what>.+)", "The last {what} was {value} ago")
"""Instead, where that is less than two days."""

COMPARED = r"(?:change of )?(?P<what>.+) in the last (?P<days>\d+) days against the (?P=days) days before"
"""How the words of a trend run. Only its direction is told: the number is smoothed for the model."""

NUMBER_TREND = {
    -1: ("fewer", "Fewer {what} in the last {days} days than in the {days} days before"),
    0: ("as many", "As many {what} in the last {days} days as in the {days} days before"),
    1: ("more", "More {what} in the last {days} days than in the {days} days before"),
}
AMOUNT_TREND = {
    -1: ("less", "Less {what} in the last {days} days than in the {days} days before"),
    0: ("as much", "As much {what} in the last {days} days as in the {days} days before"),
    1: ("more", "More {what} in the last {days} days than in the {days} days before"),
}

RAISES, LOWERS = "raises", "lowers"
STRONG, MODERATE, SLIGHT = "strong", "moderate", "slight"

EFFECT = "{sentence} ({direction} the {outcome}, {strength})"
OUTCOMES = {
    "churn": "risk of leaving",
    "conversion": "chance of winning",
    "fit": "chance of an ideal customer",
}
OUTCOME = "score"
JOIN = "; "

BANDS = {"A": "act first", "B": "act soon", "C": "keep an eye on", "D": "nothing needed now"}

AT_STAKE = "; {expected} of {value} at stake"
UP, DOWN = "+", "-"
