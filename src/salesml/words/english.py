"""All the English that reps read: words and sentence patterns, and nothing else.

Another language is another file with the same names.
"""

from __future__ import annotations

NOT_KNOWN = "not known"
EMPTY = "left empty"
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
    ("days", r"days since the first (?P<what>.+)", "First {what} {value} ago"),
    ("days", r"days since it was (?P<what>.+)", "{What} {value} ago"),
    ("days", r"days since (?P<what>.+)", "{What}: {value} ago"),
    ("days", r"days to the (?P<what>.+)", "{What} in {value}"),
    ("days", r"days to (?P<what>.+)", "{What} in {value}"),
    ("days", r"days as (?P<what>.+)", "{What} for {value}"),
)
"""Form of a feature, how its words run, and the sentence that says the same better. The first that
fits is taken; a value below 0 is always stated plainly."""

AHEAD = (r"days since (?!the |it was )(?P<what>.+)", "{What} in {value}")
"""How the words of a date's age run, and the sentence for one that still lies ahead: its age is below 0."""

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

_LAST = r" in the last (?P<days>\d+) days"
_BEFORE = r" in the last (?P<days>\d+) days against the (?P=days) days before"
FACTS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("stage", ("category",), r"stage"),
    ("in_stage", ("days",), r"days in the present stage"),
    ("overdue", ("ratio",), r"days since the last (?P<one>.+) against the usual days between (?P<many>.+)"),
    ("ended", ("days",), r"days since the last contract ended"),
    ("end", ("days",), r"days to the planned end of the contract"),
    ("running", ("count",), r"running contracts"),
    ("last", ("days",), r"days since the last (?P<one>(?:(?! began$| ended$).)+)"),
    ("usual", ("days",), r"usual days between (?P<many>.+)"),
    ("vary", ("days",), r"how much the days between (?P<many>.+) vary"),
    ("count_trend", ("ratio",), r"(?P<many>.+)" + _BEFORE),
    ("amount_trend", ("number",), r"change of (?P<what>.+)" + _BEFORE),
    ("active_days", ("days",), r"days with (?P<many>.+)" + _LAST),
    ("year_ago", ("count",), r"(?P<many>.+) a year ago in the (?P<days>\d+) days then ahead"),
    ("returned", ("count",), r"returned (?P<many>.+)" + _LAST),
    ("returned_sum", ("money", "number"), r"(?P<what>.+) of returned (?P<many>.+)" + _LAST),
    ("distinct", ("count",), r"different values of (?P<what>.+) in (?P<many>.+)" + _LAST),
    ("share", ("share",), r"share of the most frequent (?P<what>.+) in (?P<many>.+)" + _LAST),
    ("count", ("count",), r"(?P<many>.+)" + _LAST),
    ("largest", ("money", "number"), r"largest (?P<what>.+) of one (?P<one>.+)" + _LAST),
    ("mean", ("money", "number"), r"(?P<what>.+) per (?P<one>.+)" + _LAST),
    ("sum", ("money", "number"), r"(?P<what>.+)" + _LAST),
)
"""What a feature tells, the forms it may have, and how its words run. The first that fits is taken."""

IN_DAYS = "{what} in the last {days} days"
NO_EVENT_FOR = "No {one} for {value}"
LAST_EVENT = "Last {one} {value} ago"
USUALLY = "{sentence}; usually every {usual}"
EVERY = "{Many} usually every {usual}"
THE_LAST_ONE = "{sentence}; the last {last} ago"
VARY_AROUND = "{Many} every {usual} on average; the gaps vary by {value}"
VARY = "The gaps between {many} vary by {value}"
NONE_SO_FAR = "No {one} so far"
ON_ONE_DAY = "{Many} on one day so far, {last} ago"
ON_TWO_DAYS = "{Many} on two days so far, {usual} apart"
TOO_FEW = "Too few {many} so far to know how often they come"
TOO_FEW_TO_VARY = "Too few {many} so far to know how regular they are"
DAY = "day"

IN_STAGE = "In stage '{stage}' for {value}"
IN_A_STAGE = "In the present stage for {value}"
NO_STAGE = "In no stage so far"

SOME = "{number} {many} in the last {days} days"
NO_EVENT = "No {one} in the last {days} days"
NO_AMOUNT = "No {what} in the last {days} days"
NOTHING = "No {one} and no {what} in the last {days} days"
IN_NONE = "No {one} in any {what} in the last {days} days"
RUNNING = "A contract is running"
NONE_RUNNING = "No contract is running"
NO_PLANNED_END = "No planned end of the contract"
ON_ALL_DAYS = "{Many} on each of the last {days} days"
ON_DAYS = "{Many} on {number} of the last {days} days"
A_YEAR_AGO = "A year ago: {number} {many} in the {days} days that followed"
DISTINCT = "{Many} in the last {days} days: {number} {different}"
DIFFERENT = "different {kinds}"
IN_ONE = "{value} of {many} in the last {days} days in one {what}"
ALL_IN_ONE = "All {many} in the last {days} days in one {what}"
RETURNED = "returned {noun}"
NO, NONE = "no", "none"

UP_FROM = "{sentence}, up from {before} in the {days} days before"
DOWN_FROM = "{sentence}, down from {before} in the {days} days before"
AFTER = "{sentence}, {before} in the {days} days before"

OF_SUCH = "{sentence}; {rate} of such {peers} {done}, {all} of all"
OF_THOSE = "{sentence}; of {peers} with {range}, {rate} {done}, {all} of all"
HALF_MORE = "{sentence}; half of all {peers} have {value} or more"
HALF_LESS = "{sentence}; half of all {peers} have {value} or less"
HALF_FEWER = "{sentence}; half of all {peers} have {value} or fewer"
HALF_NONE = "{sentence}; half of all {peers} have none"
LESS_THAN = "less than {value}"
PEERS = {"churn": "customers", "conversion": "prospects", "fit": "prospects", "seeds": "prospects"}
PEER = "others"
CAME_ABOUT = {"churn": "left", "conversion": "were won", "fit": "became ideal customers"}
HAD_IT = "had the outcome"
WITHIN = "{done} within {span}"
A_YEAR = "a year"

MONEY_WORDS = (
    r"amounts?|sales|spend|spent|spending|revenues?|turnover|margins?|profits?|income|earnings|prices?|costs?"
    r"|fees?|payments?|paid|value|discounts?|tax|vat|freight|mrr|arr|gmv|net|gross|billed|billings?|invoiced"
    r"|money|cash|credit|debit|balance|bookings|budget|refunds?|rebates?|commissions?"
)
"""A measure called so is an amount of money; others are plain numbers."""

UNSURE = (
    r"discounts?|costs?|fees?|refunds?|rebates?|returns?|returned|complaints?|tickets?|claims?|cases?"
    r"|cancel\w*"
)
"""More of these may be good or bad for an account."""

CAUSES = r"because|caused by|therefore"
"""What no sentence says: it is known what goes together, not what causes what."""

RAISES, LOWERS = "raises", "lowers"
STRONG, MODERATE, SLIGHT = "strong", "moderate", "slight"

EFFECT = "{sentence} ({direction} the {outcome}, {strength})"
OUTCOMES = {
    "churn": "risk of leaving",
    "conversion": "chance of winning",
    "fit": "chance of an ideal customer",
    "seeds": "likeness to the best customers",
}
OUTCOME = "score"
JOIN = "; "

BANDS = {"A": "highest risk", "B": "high risk", "C": "middling risk", "D": "low risk"}
CHANCES = {"A": "best chance", "B": "good chance", "C": "middling chance", "D": "small chance"}
ALIKE = {"A": "most alike", "B": "alike", "C": "somewhat alike", "D": "hardly alike"}
BANDS_OF = {"churn": BANDS, "conversion": CHANCES, "fit": CHANCES, "seeds": ALIKE}
"""What the bands of a task say."""

CHANCE = "{chance} {outcome}"
AT_STAKE = "{expected} of {value} at stake"
EXPECTED = "{expected} of {value} expected"
IN_HOURS = "{worth} in {hours}"
ONE_HOUR, HOURS = "1 hour", "{count} hours"
ITS_REP = "rep {rep}"
BY_LOT = "drawn by lot"
BAND = "{band}: {advice}"
UP, DOWN = "+", "-"
DEGREES = {STRONG: 3, MODERATE: 2, SLIGHT: 1}
LIST_OF = "{outcome}, by what was known before {day}"
OUTCOME_WITHIN = "{outcome} within {days} days"
LEGEND = "{up} raises the {outcome}, {down} lowers it; the more marks, the stronger."
IDEAL_ONCE_WON = "{who}, once won: {chance} {outcome} ({band}: {advice}). Ideal customers like it:"
RESEMBLES = "{account}: {shared}"
NO_ROWS = "Nobody could be scored."
DATE = "{day} {month} {year}"

BOTH = "{what}: both {value}"
TRUE_OF_BOTH = "Both: {sentence}"
OF_NEITHER = "{what}: not known of either"
FROM_TO = "{low} to {high}"
OR_MORE, OR_LESS = "{value} or more", "{value} or less"
ANYTHING = "of some value"
NOTHING_SHARED = "Nothing in particular: alike only in what counts little"

WAS = "{sentence} ({before} on {day})"
WAS_BEFORE = "{sentence} (before: {before})"
STILL = "{sentence} (also {before} on {day})"
STILL_BEFORE = "{sentence} (before: also {before})"
AS_EVER = "{sentence}, unchanged, but counts for something else beside what did change"
"""A value now, and what it was; the sentence of the value alone may say other things of it."""

ONLY_NEW = "{sentence} (only the new model looks at this)"
ONLY_OLD = "{sentence} (only the old model looked at this)"

ROSE = "{Outcome}: up from {before} to {now} since {day}."
FELL = "{Outcome}: down from {before} to {now} since {day}."
STAYED = "{Outcome}: {now}, as on {day}."
ROSE_BEFORE = "{Outcome}: up from {before} to {now}."
FELL_BEFORE = "{Outcome}: down from {before} to {now}."
STAYED_BEFORE = "{Outcome}: {now}, as before."
NEWLY = "{Outcome}: {now}. Not scored on {day}."
NEWLY_BEFORE = "{Outcome}: {now}. Not scored before."
GONE = "No longer scored; on {day} the {outcome} was {before}."
GONE_BEFORE = "No longer scored; the {outcome} was {before} before."
CHANGED_AND_RAISES = "What changed and raises it: {items}."
CHANGED_AND_LOWERS = "What changed and lowers it: {items}."
NOTHING_CHANGED = "Nothing that counts changed in the data."
MODEL_CHANGED = "The model itself changed: of the same facts the old one says {old}, the new one {new}."
MODEL_CHANGED_LITTLE = "The model itself changed, and says about the same of the same facts."
MODEL_BASE_UP = "It starts everybody higher: at {new} instead of {old}."
MODEL_BASE_DOWN = "It starts everybody lower: at {new} instead of {old}."
MODEL_RAISES = "What it counts higher: {items}."
MODEL_LOWERS = "What it counts lower: {items}."

MEANS = {
    "inactivity": "A customer counts as gone who has no {event} within {span} after the day of the scores.",
    "quiet": "A customer counts as gone who has had no {event} for {quiet} when {span} have passed since the "
    "day of the scores.",
    "contract": "A customer counts as gone whose contract ends within {span} after the day of the scores.",
    "won": "A prospect counts as won that becomes a customer within {span} after the day of the scores.",
    "ideal": "A prospect counts as ideal if, once it is won, it is among the best {top} of those won "
    "{months} months later.",
    "seeds": "The score says how like your listed best customers a prospect is. It is no chance of winning "
    "it.",
}
"""What the outcome of a label is, as a rep reads it."""
TESTED_BAND = "Of 100 {peers} in band {band}, about {rate} {done} (anything from {low} to {high} is likely)."
TESTED_PEERS = {**PEERS, "fit": "prospects that were won"}
TESTED_ALL = "Of all {peers}, about {rate} in 100 {done}."
TESTED_ON = "This was counted on {rows} {peers} that the model had not seen before."
BELOW_ONE = "fewer than 1"
QUALITY = {
    "usable": "In that test the order of the scores was clearly better than chance.",
    "weak": "In that test the order of the scores was of little help: take it as a hint.",
    "no usable signal": "In a test the order of the scores was not shown to be better than chance: do not go "
    "by it.",
    "suspicious": "In a test the order of the scores was too good to be believed: do not go by it until "
    "somebody has found out why.",
}
"""What the verdicts on a model mean to a rep."""
FEW_OUTCOMES = "Only {outcomes} of them {done}, so that little can be known."
TOO_HIGH = "Chances were too high on average: {said} was said, and {observed} came true."
TOO_LOW = "Chances were too low on average: {said} was said, and {observed} came true."

EVENT = "{One}"
EVENTS = "{number} {many}"
"""One event of a day, and several."""
ACTIVITY = "activity"
STAGE = "stage"
CONTRACT_BEGAN, CONTRACT_ENDED = "contract that began", "contract that ended"

PICTURE_TITLE = "{who}: {chance} {outcome}"
PICTURE_KNOWN = "How it comes about, by what was known before {day}"
PICTURE_UNDATED = "How it comes about"
PICTURE_BASE = "Where everybody starts"
PICTURE_OTHER = "All else together"
PICTURE_END = "Altogether"
PICTURE_UP, PICTURE_DOWN = "+", "\u2212"
PICTURE_NOTE = "Each arrow begins where the one above it ends."
PICTURE_STARTS = "Everybody starts at {chance}."
PICTURE_STEP = "{sentence}: {direction} it to {chance}."
PICTURE_ENDS = "Altogether {chance}."

COURSE_TITLE = "{outcome} from {first} to {last}"
