"""All the English that reps read: words and sentence patterns, and nothing else.

Another language is another file with the same names.
"""

from __future__ import annotations

NOT_KNOWN = "not known"
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

SINCE = "days since the last "
"""How the words of a feature begin that says how long ago something last happened."""

NOTHING_FOR = "No {what} for {value}"
LAST_TODAY = "The last {what} was less than a day before"

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
