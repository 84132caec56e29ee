"""Tables of checks 6 and 7: what leads, what was done differently, what stands in the way."""

from __future__ import annotations

from salesml.scorecard.declared.columns import VERDICT, WORDS, ends, number, text, whole
from salesml.scorecard.schema import Table

OUTCOMES = (
    Table(
        name="leading",
        check=6,
        title="Which figures have led outcomes, and which have not",
        meaning="Whether a month with more of something was followed by more of an outcome, on the company's "
        "own history, tested for all pairs at once; what goes before need not be a cause",
        columns=(
            text("figure", "What may lead", "Figure"),
            text("outcome", "What may follow", "Outcome"),
            whole("from_month", "Months later, first"),
            whole("to_month", "Months later, last"),
            number("effect", "Change of the outcome that went with it", "Effect"),
            *ends("effect"),
            number("share", "Of the outcome"),
            number("chance", "Chance of as much where nothing leads"),
            number("reps", "Reps behind it"),
            number("months", "Months behind it"),
            VERDICT,
            WORDS,
        ),
    ),
)

BRIEF = (
    Table(
        name="practices",
        check=7,
        title="What was done differently on matched prospects",
        meaning="Prospects with and without a practice, compared within the same rep and the same kind of "
        "prospect; need may still stand behind both",
        needs=("prospects.won_at", "activities.prospect"),
        columns=(
            text("practice", "What was done", "Practice"),
            number("with_it", "Prospects with it", "With"),
            number("without_it", "Prospects without it", "Without"),
            number("won_with", "Share won with it", "Won with", "share"),
            number("won_without", "Share won without it", "Won without", "share"),
            number("raw_difference", "Their difference, as it stands"),
            number("effect", "Their difference among matched prospects", "Matched difference", "share"),
            *ends("effect", "share"),
            number("chance", "Chance of as much where the practice does nothing"),
            number("reps", "Reps behind it"),
            VERDICT,
            WORDS,
        ),
    ),
    Table(
        name="reasons_of_loss",
        check=7,
        title="What stands in the way: reasons of loss",
        meaning="Prospects lost in the last twelve months by the reason given, against the twelve before",
        needs=("prospects.lost_at", "prospects.lost_reason"),
        columns=(
            text("reason", "As it was written down", "Reason"),
            number("now", "Prospects lost for it in the last twelve months", "Lost"),
            number("before", "Those of the twelve months before", "The year before"),
            number("share", "Of all lost", "Of all lost", "share"),
            number("share_before", "Of all lost the year before"),
            number("change", "share less share_before", "Change", "share"),
            *ends("change", "share"),
            number("amount", "Amounts hoped for of those lost", "Hoped for", "money"),
            VERDICT,
            WORDS,
        ),
    ),
    Table(
        name="time_in_stages",
        check=7,
        title="Where time is lost",
        meaning="How long prospects stay in each stage, and what waits there now",
        needs=("stages", "prospects"),
        columns=(
            text("stage", "The stage", "Stage"),
            number("entered", "Prospects that entered it", "Entered"),
            number("median_days", "Half of them stay longer", "Half stay longer than", "days"),
            number("days", "Days of all prospects in it"),
            number("share", "Of all days", "Of all days", "share"),
            number("waiting", "Open prospects in it now", "Waiting now"),
            number("amount", "What was hoped for of these", "Hoped for", "money"),
            WORDS,
        ),
    ),
    Table(
        name="conditions",
        check=7,
        title="What the market explains",
        meaning="How much of the change of wins goes with indicators of the market, line and season apart",
        needs=("market", "prospects.won_at"),
        columns=(
            text("indicator", "Of the table market", "Indicator"),
            number("delay", "Months after it", "Months later"),
            number("effect", "On the logarithm of wins, of one standard deviation", "Effect"),
            *ends("effect"),
            number("chance", "Chance of as much where the market does nothing"),
            number("explained", "Of the variance between months", "Explains", "share"),
            number("change", "Of wins, the last twelve months against those before"),
            number("by_market", "The part of it that goes with the indicator"),
            number("by_market_low", "Lower end of the 90 % interval of by_market"),
            number("by_market_high", "Upper end of the 90 % interval of by_market"),
            number("months", "Months behind it"),
            VERDICT,
            WORDS,
        ),
    ),
)
