"""What is asked of a company's tables: which days, which money, what is there."""

from __future__ import annotations

from salesml.config import Spec
from salesml.config.scorecard import ScorecardSpec
from salesml.crm import CRM
from salesml.errors import Fault, UsageError
from salesml.scorecard.facts import Asked, Money, tables_had


def ask(spec: ScorecardSpec, churn: Spec, crm: CRM) -> Asked:
    """Find the recorded days, the money and the tables.

    Parameters
    ----------
    spec : ScorecardSpec
    churn : Spec
        The model whose label says when a customer is lost.
    crm : CRM

    Raises
    ------
    UsageError
        ``unknown-measure`` where the spec names money that crm.yaml does not have.
    DataError
        When the tables cannot be read, or hold no date.
    """
    logs = [f"events.{name}" for name in crm.contract.events if not crm.contract.events[name].prospect]
    windows = [crm.observed(name) for name in logs] or [crm.observed("prospects")]
    money = money_of(spec, churn, crm)
    # Accounts, and their ends, are derived where no table holds them; money is named by what it is.
    ends = {"accounts.ended_at"} if churn.label.kind == "inactivity" else set()
    derived = {"accounts"} | ends | {name for name in ("revenue", "margin") if getattr(money, name)}
    return Asked(
        spec=spec,
        churn=churn,
        money=money,
        first=min(window.start for window in windows),
        until=crm.observed_until(),
        have=tables_had(crm) | derived,
    )


def money_of(spec: ScorecardSpec, churn: Spec, crm: CRM) -> Money:
    """The log that money stands in, and its measures of revenue and margin."""
    logs = {name: tuple(log.measures) for name, log in crm.contract.events.items()}
    found: dict[str, str] = {}
    for name in ("revenue", "margin"):
        given = getattr(spec, name)
        log, _, measure = given.partition(".")
        if given and measure not in logs.get(log, ()):
            raise UsageError(_unknown(name, given, logs))
        found[name] = given
    value = churn.value if churn.value_measure in logs.get(churn.value_log, ()) else ""
    log = (found["margin"] or found["revenue"] or value).partition(".")[0]
    if not log:
        return Money()
    for name in ("revenue", "margin"):
        # What is called so in the same log; the model's value stands for a margin that has another name.
        found[name] = found[name] or (f"{log}.{name}" if name in logs[log] else "")
    found["margin"] = found["margin"] or (value if churn.value_measure != "revenue" else "")
    other = {each.partition(".")[0] for each in found.values() if each} - {log}
    if other:
        raise UsageError(
            Fault(
                code="two-logs",
                found=f"Revenue is {found['revenue']} and margin is {found['margin']}",
                allowed="Both must be measures of one log",
                do="Change scorecard.yaml",
            )
        )
    return Money(log, *(found[name].partition(".")[2] for name in ("revenue", "margin")))


def _unknown(name: str, given: str, logs: dict[str, tuple[str, ...]]) -> Fault:
    known = [f"{log}.{measure}" for log, measures in logs.items() for measure in measures]
    return Fault(
        code="unknown-measure",
        found=f"scorecard.yaml: {name} is {given}, which crm.yaml does not have",
        allowed=f"Measures: {', '.join(known) or 'none'}",
        do="Take one of them",
    )
