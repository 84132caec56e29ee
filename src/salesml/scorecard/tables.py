"""The tables that every scorecard has, declared."""

from __future__ import annotations

from salesml.scorecard.schema import Column, Table

KIND = Column(name="kind", type="text", meaning="month, quarter, year, or all of the recorded time")
START = Column(name="start", type="date", meaning="The first day of the period")

FIGURES = Table(
    name="figures",
    meaning="A row for each metric, period and the company, team or rep, wherever there was a case",
    columns=(
        Column(name="metric", type="text", meaning="The metric, as definitions.metric names it"),
        KIND,
        START,
        Column(name="level", type="text", meaning="company, team or rep"),
        Column(name="id", type="text", meaning="The team or rep; company; (nobody) where none is named"),
        Column(name="value", type="number", meaning="What was counted, in definitions.unit"),
        Column(name="low", type="number", meaning="Lower end of the 90 % interval of value"),
        Column(name="high", type="number", meaning="Upper end of the 90 % interval of value"),
        Column(name="numerator", type="number", meaning="What value is a sum of, or the cases of a rate"),
        Column(name="denominator", type="number", meaning="What the numerator is divided by, if anything"),
        Column(name="count", type="number", meaning="How many cases stand behind it: definitions.cases"),
        Column(
            name="shrunk",
            type="number",
            meaning="value drawn towards that of all reps or teams, the more the fewer the cases",
        ),
        Column(name="shrunk_low", type="number", meaning="Lower end of the 90 % interval of shrunk"),
        Column(name="shrunk_high", type="number", meaning="Upper end of the 90 % interval of shrunk"),
        Column(
            name="above",
            type="number",
            meaning="Probability that the true figure lies above that of all reps or teams",
        ),
        Column(name="before", type="number", meaning="value of the same period a year before"),
        Column(name="trend", type="number", meaning="value less before"),
        Column(name="trend_low", type="number", meaning="Lower end of the 90 % interval of trend"),
        Column(name="trend_high", type="number", meaning="Upper end of the 90 % interval of trend"),
        Column(
            name="trend_verdict",
            type="text",
            meaning="Against the year before: better or worse (higher or lower where neither is good) by "
            "more than chance, same, too few, no year before, or incomplete",
        ),
        Column(
            name="verdict",
            type="text",
            meaning="Of the company as trend_verdict; of a team or rep against all teams or reps, luck where "
            "these differ no more than chance would have it",
        ),
        Column(name="complete", type="truth", meaning="Whether all days of the period were recorded"),
        Column(name="lacks", type="text", meaning="What the period lacks; empty where it is whole"),
        Column(name="words", type="text", meaning="The verdict as a sentence"),
    ),
)

DEFINITIONS = Table(
    name="definitions",
    meaning="A row for each metric: what it is and how it is computed",
    columns=(
        Column(name="metric", type="text", meaning="Its key in every table"),
        Column(name="check", type="whole", meaning="Which of the seven checks it belongs to"),
        Column(name="check_title", type="text", meaning="What the check asks"),
        Column(name="title", type="text", meaning="Its name as managers read it"),
        Column(name="how", type="text", meaning="How it is computed"),
        Column(
            name="unit", type="text", meaning="share, money, money per hour, number, days, hours or times"
        ),
        Column(name="good", type="text", meaning="up or down; empty where neither is good in itself"),
        Column(name="cases", type="text", meaning="What is counted behind it"),
        Column(name="least", type="whole", meaning="Below so many cases nothing is said of it"),
        Column(name="needs", type="text", meaning="The tables and keys of crm.yaml that it is computed from"),
        Column(
            name="missing", type="text", meaning="Those that crm.yaml does not have; empty if all are there"
        ),
    ),
)

PERIODS = Table(
    name="periods",
    meaning="A row for each period of the recorded time",
    columns=(
        KIND,
        START,
        Column(name="end", type="date", meaning="The first day after it"),
        Column(name="title", type="text", meaning="Its name as managers read it"),
        Column(name="complete", type="truth", meaning="Whether all of its days were recorded"),
    ),
)

PEOPLE = Table(
    name="people",
    meaning="A row for each rep: its name, and the team it is in now",
    columns=(
        Column(name="id", type="text", meaning="The rep"),
        Column(name="name", type="text", meaning="Its name; the id where crm.yaml has none"),
        Column(name="team", type="text", meaning="The team it was in on the last recorded day"),
    ),
)

SUMMARY = Table(
    name="summary",
    meaning="A row for each check: what the first screen of the report says",
    columns=(
        Column(name="check", type="whole", meaning="1 to 7"),
        Column(name="title", type="text", meaning="What the check asks"),
        Column(
            name="metric", type="text", meaning="The metric that stands for it; empty where there is none"
        ),
        KIND,
        START,
        Column(name="value", type="number", meaning="The company's figure"),
        Column(name="trend", type="number", meaning="Its change on the same period a year before"),
        Column(
            name="verdict",
            type="text",
            meaning="Of that figure, as in figures; not computed where tables are missing",
        ),
        Column(name="words", type="text", meaning="The check in a sentence or two"),
        Column(name="act", type="text", meaning="What to do; empty where nothing calls for it"),
    ),
)

ALARMS = Table(
    name="alarms",
    meaning="A row for each of the company's figures that got worse by more than chance explains",
    columns=(
        Column(name="metric", type="text", meaning="The metric"),
        KIND,
        START,
        Column(name="words", type="text", meaning="What got worse, from what to what"),
    ),
)

DATA_NOTES = Table(
    name="data_notes",
    meaning="A row for each thing of the company's tables that bears on the figures",
    columns=(
        Column(name="code", type="text", meaning="Its kind, for programs"),
        Column(name="table", type="text", meaning="The table of crm.yaml; empty where several are meant"),
        Column(name="count", type="whole", meaning="How many rows, reps, accounts or months it concerns"),
        Column(name="words", type="text", meaning="What was found, what is done with it and what to do"),
        Column(name="examples", type="text", meaning="Up to five of them"),
        Column(name="first", type="date", meaning="The first month concerned, if it is about months"),
        Column(name="until", type="date", meaning="The month after the last one concerned"),
    ),
)

RANKS = Table(
    name="ranks",
    meaning="A row for each metric and rep or team, or one that says why there is no ranking",
    columns=(
        Column(name="metric", type="text", meaning="The metric"),
        Column(name="level", type="text", meaning="team or rep"),
        KIND,
        START,
        Column(name="id", type="text", meaning="The team or rep; empty where none is ranked"),
        Column(name="rank", type="number", meaning="Median rank, 1 the best"),
        Column(name="rank_low", type="number", meaning="Lower end of the 90 % interval of rank"),
        Column(name="rank_high", type="number", meaning="Upper end of the 90 % interval of rank"),
        Column(name="ranked", type="number", meaning="How many are ranked"),
        Column(name="words", type="text", meaning="The rank as a sentence"),
    ),
)

MISSING = Table(
    name="missing",
    meaning="A row for each figure and table that could not be computed: what it lacks, what it would tell",
    columns=(
        Column(name="check", type="whole", meaning="Which of the seven checks it belongs to"),
        Column(name="kind", type="text", meaning="figure or table"),
        Column(name="name", type="text", meaning="The metric, or the table"),
        Column(name="title", type="text", meaning="Its name as managers read it"),
        Column(
            name="lacks",
            type="text",
            meaning="Keys of crm.yaml, scores or a backtest; empty where only cases are missing",
        ),
        Column(name="words", type="text", meaning="What it lacks and what it would tell"),
    ),
)

COMMON = (SUMMARY, ALARMS, FIGURES, RANKS, DEFINITIONS, PERIODS, PEOPLE, DATA_NOTES, MISSING)
"""In the order in which they are told of."""
