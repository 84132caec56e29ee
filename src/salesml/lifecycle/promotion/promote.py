"""The verb: judge a version against the champion, and let it take over when it passes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from salesml.config import Gates, Spec, Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.errors import Fault, ModelError, SalesmlError, UsageError
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.promotion.comparable import (
    refuse_incomparable,
    refuse_missing,
    refuse_unanswerable,
)
from salesml.lifecycle.promotion.judged import Judgement, judge_pair
from salesml.lifecycle.promotion.newest import Newest, newest_rows
from salesml.lifecycle.promotion.report import Promoted
from salesml.lifecycle.promotion.who import who
from salesml.lifecycle.refuse import refuse_faulty
from salesml.model.bundle import Bundle
from salesml.tracking.champion import Standing, champion_moved, mend, move, standing
from salesml.tracking.claim import WAIT, alone
from salesml.tracking.fetch import load
from salesml.tracking.log import NOT_OF_USE
from salesml.tracking.promotions import ON, Version, find, judged_on, keep
from salesml.tracking.store import connected

CHAMPION, CHALLENGER = "the champion", "the challenger"


def promote(
    name: str,
    version: int | str,
    crm: CRM,
    *,
    force: bool = False,
    reason: str = "",
    by: str = "",
    as_of: Sequence[dt.date] = (),
    dry: bool = False,
    spec: Spec | None = None,
    tracking: Tracking | None = None,
    wait: float = WAIT,
    say: Say = quiet,
) -> Promoted:
    """Judge a registered version against the champion on rows that neither has seen, and promote it if it is
    better.

    Nothing is moved unless every gate is passed, or it is forced. What was found is kept with the version
    either way, as tags and as ``promotion/TIME/promotion.md`` among its run's artefacts.

    Parameters
    ----------
    name : str
        The stem of a spec in ``models/`` beside crm.yaml, such as ``churn``.
    version : int or str
        Its number in the registry, or an alias such as ``challenger``.
    crm : CRM
        The company's tables.
    force : bool
        Whether to promote it whatever the gates say; a ``reason`` is needed then, and who did it is kept.
    by : str
        Who does it: the user of git, or of the machine, when left out.
    as_of : sequence of date
        The dates to judge on, instead of the newest whose outcome is known.
    dry : bool
        Whether only to judge.
    spec, tracking : optional
        Instead of ``models/NAME.yaml`` and ``mlflow.yaml`` beside crm.yaml.

    Returns
    -------
    Promoted

    Raises
    ------
    ModelError
        ``no-version``, ``not-of-use``, ``cannot-load``, ``other-outcome``, ``other-meaning``, ``seen-rows``,
        ``no-dates``: it cannot be judged, and nothing was moved. All but the first, and the loading of the
        challenger, can be overruled by force.
    DataError
        When the tables cannot be used, or the outcomes of the dates are not known yet.
    UsageError
        ``missing-reason`` for force without a reason.
    OutsideError
        ``tracking-away``, ``promotion-running``, ``champion-moved``: try again; nothing was moved.
    """
    _refuse_groundless(reason, force=force)
    spec = spec or read_spec(crm.folder / "models" / f"{name}.yaml")
    tracking = tracking or read_tracking(crm.folder / "mlflow.yaml")
    check_names(name, tracking)
    gates = Gates.of(tracking.gates, spec.gates)
    pair = _pair(name, str(version), tracking)
    asked = Promoted(
        name=name, registered=pair.challenger.name, version=pair.challenger.number,
        champion=pair.standing.champion, outcome="champion already", by=who(crm.folder, by), reason=reason,
        at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    )  # fmt: skip
    if pair.standing.champion == pair.challenger.number:
        return asked
    say(f"Judging version {asked.version} of {asked.registered} against {_against(pair)}")
    found = _Found()
    challenger = _loaded(pair.challenger, CHALLENGER, tracking)
    try:
        found = _judge(pair, challenger, crm, spec, tracking, gates, as_of, say)
    except SalesmlError as error:
        if not force or error.exit_code not in (ModelError.exit_code, UsageError.exit_code):
            raise
        found = _Found(unjudged=str(error))
    passed = found.judgement is not None and found.judgement.passed
    outcome = "promoted" if passed else "forced" if force else "refused"
    result = replace(asked, outcome=outcome, judgement=found.judgement, unjudged=found.unjudged)
    if dry:
        return replace(result, outcome="allowed" if passed else "refused")
    _keep_and_move(result, pair, found, tracking, wait)
    return result


@dataclass(frozen=True)
class _Pair:
    """The challenger, the champion, and how the registry stood when they were looked up."""

    standing: Standing
    challenger: Version
    champion: Version | None


@dataclass(frozen=True)
class _Found:
    """A judgement and what it was made on, or why there is none."""

    judgement: Judgement | None = None
    on: str = ""
    unjudged: str = ""


def _pair(name: str, version: str, tracking: Tracking) -> _Pair:
    registered = tracking.registered_name(name)
    with connected(tracking) as client:
        challenger = find(client, registered, version)
        now = standing(client, registered)
        champion = None if now.champion is None else find(client, registered, str(now.champion))
    return _Pair(now, challenger, champion)


def _judge(
    pair: _Pair,
    challenger: Bundle,
    crm: CRM,
    spec: Spec,
    tracking: Tracking,
    gates: Gates,
    as_of: Sequence[dt.date],
    say: Say,
) -> _Found:
    if pair.challenger.verdict in NOT_OF_USE:
        raise ModelError(_not_of_use(pair.challenger))
    champion = _loaded(pair.champion, CHAMPION, tracking) if pair.champion else None
    if champion:
        refuse_incomparable(champion, challenger)
    bundles = {**({CHAMPION: champion} if champion else {}), CHALLENGER: challenger}
    refuse_unanswerable(bundles, spec, crm.contract)
    refuse_faulty(crm, say)
    newest = newest_rows(spec, crm, bundles, as_of=as_of)
    refuse_missing(bundles, [str(name) for name in newest.rows.X])
    say(newest.snapshot.summary())
    on = _judged_on(newest, pair)
    with connected(tracking) as client:
        others = judged_on(client, pair.challenger.name, on) - {pair.challenger.number}
    judgement = judge_pair(champion, challenger, newest.rows, gates, spec, judged_before=len(others))
    return _Found(judgement, on)


def _judged_on(newest: Newest, pair: _Pair) -> str:
    """Rows and champion, by which judgements are counted."""
    return f"{newest.key} against {pair.standing.champion or 'nobody'}"


def _loaded(version: Version, called: str, tracking: Tracking) -> Bundle:
    """A version's bundle.

    Raises
    ------
    ModelError
        ``cannot-load``.
    """
    try:
        return load(version.uri, tracking).bundle
    except ModelError as error:
        does = (
            "Train a challenger again"
            if called == CHALLENGER
            else "--force a challenger that loads, and say so with --reason, or `salesml revert` to a "
            "version that does"
        )
        raise ModelError(
            Fault(
                code="cannot-load",
                found=f"{called[0].upper()}{called[1:]}, version {version.number} of {version.name}, can no "
                f"longer be loaded: {error}",
                allowed="Both models are asked about the same rows",
                do=f"{does}; nothing was moved",
            )
        ) from error


def _keep_and_move(result: Promoted, pair: _Pair, found: _Found, tracking: Tracking, wait: float) -> None:
    """Keep what was found, and then move the alias, if it is to be moved."""
    tags = {
        "salesml.judged": result.outcome,
        "salesml.judged.text": found.judgement.text if found.judgement else found.unjudged,
        "salesml.judged.by": result.by,
        "salesml.judged.reason": result.reason,
        "salesml.judged.at": result.at,
        ON: found.on,
    }
    texts = {
        "promotion.json": json.dumps(result.as_dict(), indent=2, sort_keys=True) + "\n",
        "promotion.md": result.markdown(),
    }
    stamp = result.at.replace("+00:00", "Z").replace(":", "").replace("-", "")
    version, registered = pair.challenger, pair.challenger.name
    with connected(tracking) as client:
        if not result.moved:
            keep(client, version, tags, texts, stamp)
            return
        with alone(client, tracking, registered, wait=wait) as still:
            mend(client, registered)
            now = standing(client, registered)
            if now.champion != pair.standing.champion:
                raise champion_moved(pair.standing, now)
            keep(client, version, tags, texts, stamp)
            why = {"kind": "promote", "by": result.by, "at": result.at}
            chain = (*now.chain, version.number)
            move(client, now, version.number, chain, why=why, still=still)


def _refuse_groundless(reason: str, *, force: bool) -> None:
    if force and not reason.strip():
        raise UsageError(
            Fault(
                code="missing-reason",
                found="A version is to be promoted by force, and no reason is given",
                allowed="Whoever looks later wants to know why the gates did not count",
                do="Say why with --reason TEXT",
            )
        )


def _not_of_use(version: Version) -> Fault:
    return Fault(
        code="not-of-use",
        found=f"Version {version.number} of {version.name} is {version.verdict!r} by its own training",
        allowed="A champion scores everybody: it is neither without a signal nor suspected of a leak",
        do="Read its model card. If the suspicion is groundless, --force it and say why with --reason",
    )


def _against(pair: _Pair) -> str:
    if pair.champion is None:
        return "the average rate, as there is no champion yet"
    return f"the champion, version {pair.champion.number}"
