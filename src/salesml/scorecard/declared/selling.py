"""Tables of checks 3 to 5: what selling takes and brings."""

from __future__ import annotations

from salesml.scorecard.declared.columns import LEVEL, VERDICT, WHO, WORDS, column, ends, number, text, whole
from salesml.scorecard.schema import Table

STEADY = (
    Table(
        name="steadiness",
        check=3,
        title="How steadily new accounts come",
        meaning="New accounts per month, how far months lie apart once the season is taken out, the longest "
        "time without one, and the targets",
        columns=(
            LEVEL,
            WHO,
            whole("months", "Months looked at"),
            whole("wins", "New accounts in them", "New accounts"),
            number("mean", "New accounts a month", "A month"),
            number("spread", "Standard deviation over months, the season apart", "Spread"),
            number("dispersion", "spread squared over what an even pace would give"),
            number("dispersion_low", "Lower end of the 90 % interval of dispersion"),
            number("dispersion_high", "Upper end of the 90 % interval of dispersion"),
            number("longest_gap_days", "Longest time between two days with wins", "Longest gap", "days"),
            whole("months_without", "Months without any", "Months without"),
            number(
                "attainment", "Geometric mean of attainment over quarters with any", "Attainment", "share"
            ),
            number("quarters_without", "Quarters without any, left out of attainment"),
            VERDICT,
            WORDS,
        ),
    ),
    Table(
        name="ahead",
        check=3,
        title="What is in sight for the next three months",
        meaning="New accounts expected of today's open prospects and of those to come, against the need",
        needs=("prospects.won_at", "prospects.created_at"),
        columns=(
            LEVEL,
            WHO,
            column("as_of", "date", "The day of the forecast"),
            column("end", "date", "The day after its last"),
            whole("open", "Open prospects", "Open"),
            number("expected_open", "Wins expected of them"),
            number("expected_new", "Wins expected of prospects to come"),
            number("expected", "Both together", "Expected"),
            *ends("what will come"),
            number("needed", "As many as in three months of the past year", "Needed"),
            VERDICT,
            WORDS,
        ),
    ),
)

COSTS = (
    Table(
        name="cost_changes",
        check=4,
        title="Did selling become cheaper for the same customers?",
        meaning="The change of cost per revenue from year to year in its factors, the mix of customers held "
        "constant",
        needs=("costs", "revenue", "activities.hours"),
        columns=(
            column("start", "date", "The first day of the later year", "Year from"),
            text("factor", "total, like for like, pay, hours, effort or rest", "Factor"),
            number("value", "1.04 is 4 % dearer", "Times the year before"),
            *ends("value"),
            number("reps", "Reps behind it"),
            WORDS,
        ),
    ),
)

HOURS = (
    Table(
        name="hour_worth",
        check=5,
        title="What an hour brought",
        meaning="Margin an hour by what was done and for whom: what went together, not what more hours would "
        "bring",
        needs=("activities.hours", "margin"),
        columns=(
            text("aim", "win or keep", "To"),
            text("by", "What hours are grouped by", "By"),
            text("group", "The group", "Group"),
            number("hours", "Hours spent", "Hours"),
            number("count", "Prospects or accounts", "Cases"),
            number("value", "Margin an hour, drawn towards all", "An hour brought", "money"),
            *ends("value", "money"),
            VERDICT,
            WORDS,
        ),
    ),
    Table(
        name="reallocation",
        check=5,
        title="What the same hours could bring",
        meaning="Hours of each rep over the prospects open at the time, as spent and as they would bring "
        "most if one more hour on a prospect brings what its hours bring on average",
        needs=("scores.conversion", "activities.hours", "activities.prospect"),
        columns=(
            text("rep", "Whose hours", "Rep"),
            column("as_of", "date", "The date of the scores"),
            column("start", "date", "The first day of the hours"),
            column("end", "date", "The day after their last"),
            number(
                "prospects", "Prospects that were open; of one that others worked on, too, a part", "Open"
            ),
            number("hours", "Hours spent", "Hours"),
            number("expected_as_spent", "What they were expected to bring as spent", "As spent", "money"),
            number("expected_best", "What they could be expected to bring", "At best", "money"),
            number("gain", "The difference", "Gain", "money"),
            *ends("gain", "money"),
            number("hours_below", "Hours that had a better alternative", "Hours below"),
            number("opportunity_cost", "What these would have brought there", "Lost by it", "money"),
            WORDS,
        ),
    ),
)
