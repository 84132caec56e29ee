"""What a score learned from a list of best customers can mean and what it cannot, in sentences."""

from __future__ import annotations

from salesml.model.bootstrap import Estimate
from salesml.model.positive_unlabelled import Prior

WHAT = (
    "It says how like the listed customers somebody is: it is no chance of winning anybody, and no bad "
    "customer was known to learn from. The outcome spoken of here is being on the list."
)
NOTHING = "By these columns the listed customers cannot be told from anybody else: use no such score."
ORDER_ONLY = (
    "Its probabilities say how often somebody like this is on the list, so they grow with the list: read "
    "the order, not the number. A known share of best customers among the others (--base-rate) corrects them."
)
CORRECTED = (
    "At the stated rate of {rate} its probabilities say how likely somebody who is not on the list is to be "
    "like the best customers, if the list is a random choice of them (Elkan and Noto)."
)
BENDS = (
    "They differ from the theory's by {points:.0f} percentage points on average, since reasons that add up "
    "to a score take a straight line in log-odds: the order is surer than the number."
)
BENT = 0.02
"""Average difference from which it is told."""
CONTRADICTED = (
    "That rate is more than the {most} that fit a random choice: the rate is wrong, or the list is no random "
    "choice."
)
STANDING = (
    "Half of the listed customers, each ranked by models that had not seen it, stand in the first {half} of "
    "the ranking, three quarters in the first {rest}."
)
LOWER_BOUND = (
    "The AUC is a lower bound, since best customers whom nobody listed rank high and count against it: "
    "against all who are none it lies between {low:.3f} and {high:.3f}, if the list is a random choice of "
    "the best."
)
RANGE = (
    "How many of the others are best customers cannot be known from a list: anything from none to {most} "
    "fits, if the list is a random choice."
)
IF_PURE = (
    "If all of the {rows:,} rows were, among which listed customers are densest, it would be {value} (95 % "
    "interval {low} to {high}), and the list would hold {held} of them. No "
    "data can show that they are."
)
UNCHECKED = (
    "Whether the list is a random choice of the best customers cannot be seen from it: if it names the large "
    "ones, or those somebody knows, the score looks for that. Check what moves the score."
)


def of_ranks(standing: tuple[float, float, float], true_auc: Estimate) -> list[str]:
    """Where the seeds stand, and what their AUC is a bound of."""
    _, half, rest = map(percent, standing)
    return [
        STANDING.format(half=half, rest=rest),
        LOWER_BOUND.format(low=true_auc.low, high=true_auc.high),
    ]


def of_prior(prior: Prior) -> list[str]:
    """How many best customers there may be among the others."""
    found, region, pure = [RANGE.format(most=percent(prior.most))], prior.region, prior.pure
    if prior.most >= 1:
        return found
    value, low, high, held = map(percent, (pure.value, pure.low, pure.high, prior.frequency.value))
    text = IF_PURE.format(rows=region.rows, value=value, low=low, high=high, held=held)
    return [*found, text]


def of_probability(prior: Prior, bend: float) -> list[str]:
    """What the probabilities are."""
    if prior.stated is None:
        return [ORDER_ONLY]
    found = [CORRECTED.format(rate=percent(prior.stated))]
    if bend > BENT:
        found.append(BENDS.format(points=100 * bend))
    return [*found, CONTRADICTED.format(most=percent(prior.most))] if prior.contradicted else found


def percent(share: float) -> str:
    """A share with the digits that it needs."""
    digits = 0 if share == 0 or share >= 0.1 else 1 if share >= 0.01 else 2
    return f"{100 * share:.{digits}f} %"
