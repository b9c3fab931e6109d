"""This function's start: begun, watched, told when it is over, and given up where the process ends before.

The rungs themselves stand in `function/rungs.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from threading import Event

from function import heap, rungs
from function.documents.base import Opener
from function.errors import EngineFailed, OcrError
from function.reading.reader import Reader
from function.settings import Settings, SettingsError
from function.telemetry import cold_start, gpu, metrics
from warmup.phases import Phase, this_start, told
from warmup.rungs import Rung, RungFailed, Waking


class Start:
    """One start; used once.

    Args:
        settings: which engines, which weights.
        reader: whose engines are loaded.
        opener: whose children are started.
    """

    def __init__(self, settings: Settings, reader: Reader, opener: Opener) -> None:
        self._settings, self._reader, self._opener = settings, reader, opener
        self._waking: Waking | None = None
        self._stopped = False

    def begin(self, *, warm_up: bool, doors_open: Event | None = None) -> Future[None]:
        """Climb the rungs in threads of their own; the future ends with the last, or with the first RungFailed."""
        heap.bound()
        ladder = rungs.rungs(self._settings, self._reader, self._opener, warm_up=warm_up)
        if doors_open is not None:
            ladder.insert(0, Rung("doors", partial(_wait, doors_open)))
        self._waking = Waking(ladder)
        self._waking.done.add_done_callback(self._over)
        return self._waking.start()

    def wait(self) -> None:
        """Block until it is over.

        Raises:
            OcrError: what a rung failed of.
        """
        try:
            if self._waking is not None:
                self._waking.done.result()
        except RungFailed as failure:
            raise _as_ours(failure) from failure

    def stop(self) -> bool:
        """Begin no further rung; whether all that was begun is over."""
        self._stopped = True
        if self._waking is None or self._waking.done.done():
            return True
        self._waking.stop()
        return False

    @property
    def is_awake(self) -> bool:
        """Whether every rung was climbed."""
        done = self._waking.done if self._waking else None
        return done is not None and done.done() and done.exception() is None

    def unfinished(self) -> str | None:
        """None when it is over, else in words where it stands."""
        if self.is_awake:
            return None
        phases = self._waking.phases() if self._waking else []
        if failed := [phase.name for phase in phases if phase.state == "failed"]:
            return f"the start failed at {failed[0]}; the log tells why"
        return f"warming: {_underway(phases)}"

    def told(self) -> dict[str, object]:
        """What this process went through since it began, phase by phase; takes no lock that reading holds."""
        phases = self._waking.phases() if self._waking else []
        return told(this_start(), phases, is_ready=self.is_awake, pod_created=pod_created(self._settings))

    def _over(self, done: Future[None]) -> None:
        """In the thread of the last rung; readiness does not wait for it."""
        if done.exception() is not None or self._stopped:
            return
        metrics.ready.set(1)
        seen = self.told()
        self._reader.first_answer.set(seen)
        cold_start.tell(seen)
        gpu.watch()
        if self._settings.otlp_endpoint:
            from function.telemetry import traces

            batchers = self._reader.batchers.items()
            traces.begin(seen, {f"engine.{tier}": batcher.engine.info.name for tier, batcher in batchers})


def pod_created(settings: Settings) -> float | None:
    """OCR_POD_CREATED as seconds since the epoch; None where nobody told.

    Raises:
        SettingsError: it is no time of RFC 3339.
    """
    raw = settings.pod_created.strip()
    if not raw:
        return None
    try:
        told = datetime.fromisoformat(raw.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        raise SettingsError(f"OCR_POD_CREATED={raw!r} is wrong: it is no time such as 2025-01-31T12:00:00Z.")
    return told.timestamp()


def _wait(event: Event) -> None:
    event.wait()


def _underway(phases: Sequence[Phase]) -> str:
    """Which rungs are being climbed, for people."""
    return ", ".join(f"{phase.name} {phase.seconds:.1f} s" for phase in phases if phase.state == "running") or "begins"


def _as_ours(failure: RungFailed) -> OcrError:
    cause = failure.__cause__
    return cause if isinstance(cause, OcrError) else EngineFailed(str(cause).rstrip("."), remedy="Then start again.")
