"""The benchmark's tables by name: half to choose defaults by, half held apart for the final figures."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.tables import local, public
from benchmarks.tables.sources import MissingSourceError
from benchmarks.tables.table import Table

__all__ = ["DEV", "HELD_APART", "NAMES", "MissingSourceError", "Table", "load"]


def _online_retail() -> Table:
    from benchmarks.tables.snapshots import online_retail

    return online_retail()


def _saas_simulated() -> Table:
    from benchmarks.tables.snapshots import saas_simulated

    return saas_simulated()


_DEV: dict[str, Callable[[], Table]] = {
    "telco": local.telco,
    "x_education": local.x_education,
    "olist_funnel": local.olist_funnel,
    "email_visit": local.email_visit,
    "email_conversion": local.email_conversion,
    "crm_pipeline": local.crm_pipeline,
    "online_retail": _online_retail,
    "saas_simulated": _saas_simulated,
    "mlc_churn": public.mlc_churn,
    "credit_data": public.credit_data,
    "caravan": public.caravan,
    "vub_credit": public.vub_credit,
    "crash_deaths": public.crash_deaths,
    "lending_club": public.lending_club,
}
_HELD_APART: dict[str, Callable[[], Table]] = {
    "tv_subscriptions": public.tv_subscriptions,
    "telemarketing": public.telemarketing,
    "pakdd": public.pakdd,
    "give_me_credit": public.give_me_credit,
    "charity": public.charity,
    "loans_late": public.loans_late,
    "remote_workers": public.remote_workers,
    "hmda": public.hmda,
    "grants": public.grants,
}
DEV: tuple[str, ...] = tuple(_DEV)
"""Tables by which defaults may be chosen."""
HELD_APART: tuple[str, ...] = tuple(_HELD_APART)
"""Tables for the final figures only."""
NAMES: tuple[str, ...] = (*DEV, *HELD_APART)


def load(name: str) -> Table:
    """The table of that name.

    Raises
    ------
    KeyError
        When there is none of that name.
    MissingSourceError
        When its file is not on this machine; the message says what to install.
    """
    return {**_DEV, **_HELD_APART}[name]()
