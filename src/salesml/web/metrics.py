"""Figures of a running site, in the form that Prometheus reads: of requests, sign-ins, answers and scores.

They name no person, account or prospect: requests are told by the template of their route.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesml.web.health import Health

KIND: Final = CONTENT_TYPE_LATEST

TOGETHER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which processes of one server keep what they count."""

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OTHER: Final = "other"
"""Methods and addresses that the site does not have: whoever sends them must not make new series."""

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

SIGN_INS: Final = {303: "let-in", 403: "refused", 429: "slowed"}
"""What came of a try to sign in, by the status of the answer."""

SIGNS_IN: Final = (("POST", "/sign-in"), ("GET", "/sign-in/back"))
ANSWERS: Final = ("/answers", "/feedback")
"""How routes end by which people answer back."""


class Metrics:
    """What one process counts; it tells what all processes of its server counted.

    Parameters
    ----------
    look : callable
        Tells what the store has to show.
    """

    def __init__(self, look: Callable[[], Health]) -> None:
        self._own = CollectorRegistry()
        self._scores = _Scores(look)
        self.requests = Counter(
            "salesml_requests", "Requests answered, by route and status.", ("method", "route", "status"),
            registry=self._own,
        )  # fmt: skip
        self.seconds = Histogram(
            "salesml_request_seconds", "Seconds from a request to the end of its answer.", ("route",),
            registry=self._own, buckets=SECONDS,
        )  # fmt: skip
        self.sign_ins = Counter("salesml_sign_ins", "Tries to sign in.", ("outcome",), registry=self._own)
        self.answers = Counter("salesml_answers", "Answers of people to scores.", registry=self._own)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        method = method if method in METHODS else OTHER
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)
        if (method, route) in SIGNS_IN and status in SIGN_INS:
            self.sign_ins.labels(SIGN_INS[status]).inc()
        if method == "POST" and route.endswith(ANSWERS) and status in (201, 303):
            self.answers.inc()

    def text(self) -> bytes:
        """All figures."""
        counted: CollectorRegistry = self._own
        if TOGETHER in os.environ:
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        return generate_latest(counted) + generate_latest(_registry(self._scores))


class _Scores(Collector):
    """How old the scores are that pages show, as of when somebody asks."""

    def __init__(self, look: Callable[[], Health]) -> None:
        self.look = look

    def collect(self) -> Iterator[Metric]:
        found = self.look()
        yield GaugeMetricFamily(
            "salesml_ready", "1 when scores can be shown, else 0.", value=float(found.ready)
        )
        age = GaugeMetricFamily("salesml_scores_age_days", "Days since the date of scores.", labels=["model"])
        rows = GaugeMetricFamily("salesml_scores_rows", "Rows that can be read.", labels=["model"])
        missing = GaugeMetricFamily("salesml_scores_unscored", "Rows not scored.", labels=["model"])
        for each in found.shown:
            age.add_metric([each.name], each.days)
            rows.add_metric([each.name], each.rows)
            missing.add_metric([each.name], each.unscored)
        yield from (age, rows, missing)


def _registry(collector: Collector) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(collector)
    return registry


class Measured:
    """Counts each request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def noticed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        finally:
            metrics: Metrics = scope["app"].state.site.metrics
            metrics.count(scope["method"], _route(scope), status, time.perf_counter() - begun)


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", None) or OTHER
