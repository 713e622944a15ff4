"""What the server counts, in Prometheus' form."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from svgtune.generate.drawings import Drawing
from svgtune.serve.places import Places
from svgtune.serve.writer import State, Writer

_SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """Counts requests and drawings; knows how long the queue is."""

    def __init__(self, places: Places, writer: Writer) -> None:
        self._registry = CollectorRegistry()
        own: Any = {"namespace": "svgtune", "registry": self._registry}
        self._requests = Counter(
            "requests", "Requests by endpoint and status; 499 hung up.", ["endpoint", "status"], **own
        )
        self._seconds = Histogram(
            "request_seconds", "Seconds from a request to its answer.", ["endpoint"], buckets=_SECONDS, **own
        )
        self._drawings = Counter(
            "drawings", "Drawings that went out, by how valid they were as written.", ["validity"], **own
        )
        self._fallbacks = Counter("fallbacks", "Drawings that were made by rules.", **own)
        self._closed = Counter("closed_by_budget", "Drawings that the grammar ended as room ran out.", **own)
        self._tokens = Counter("tokens", "Tokens of drawings that went out.", **own)
        Gauge("queue_length", "Drawings that wait for a place.", **own).set_function(lambda: places.waiting)
        Gauge("drawings_in_the_making", "Drawings that have a place.", **own).set_function(
            lambda: places.drawing
        )
        Gauge("engine_up", "1 while the engine can draw.", **own).set_function(
            lambda: float(writer.state is State.READY)
        )
        Gauge("engine_restarts", "How often the engine was started again.", **own).set_function(
            lambda: writer.restarts
        )

    def count_request(self, endpoint: str, status: int, seconds: float) -> None:
        """Counts one answered, refused or abandoned request."""
        self._requests.labels(endpoint, str(status)).inc()
        self._seconds.labels(endpoint).observe(seconds)

    def count_drawing(self, drawing: Drawing) -> None:
        """Counts one drawing that goes out."""
        if drawing.finish == "fallback":
            self._fallbacks.inc()
            self._drawings.labels("fallback").inc()
        else:
            self._drawings.labels(str(drawing.validity)).inc()
            self._tokens.inc(drawing.tokens)
            if drawing.finish == "budget":
                self._closed.inc()

    def write(self) -> str:
        """Writes all of it."""
        return generate_latest(self._registry).decode()
