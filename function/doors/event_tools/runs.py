"""From options to runs: settings read, parts put together, signals answered, ends told."""

from __future__ import annotations

import argparse
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import NoReturn

import msgspec

from events.posting import Receiver, address_problem
from events.sink import overrides
from function.doors.event_tools.choice import Choice
from function.doors.event_tools.clean import clean
from function.doors.event_tools.done import Done
from function.doors.event_tools.progress import Progress
from function.doors.event_tools.reconcile import Reconciliation, Tally
from function.doors.event_tools.replay import Replay
from function.doors.event_tools.side_by_side import Pace
from function.doors.event_tools.sources import found
from function.errors import BadRequest
from function.settings import Settings, SettingsError

EXIT_INTERRUPTED = 130


def replay(options: argparse.Namespace) -> int:
    """Send archived events again."""
    settings = Settings.from_environment()
    receiver, extensions = _receiver(options, settings)
    if receiver is None and not options.dry_run:
        raise BadRequest("--to is missing and K_SINK is not set: nobody gets the events", remedy="Give --to URL.")
    progress, pace = Progress("replay"), Pace(options.rate)
    choice = Choice(options.since, options.until, options.type, options.subject)
    code = 0
    with _done(options) as done:
        run = Replay(choice, done, progress)
        letters = found(options.source, settings, options.since)
        try:
            if options.dry_run or receiver is None:
                run.preview(letters)
                return 0 if not run.summary.unreadable else run.summary.exit_code
            with receiver, _interruptible(receiver.stop, pace.stop):
                run.run(letters, receiver, extensions=extensions, pace=pace, workers=options.concurrency)
        except KeyboardInterrupt:
            code = EXIT_INTERRUPTED
    progress.list(f"{'interrupted; so far ' if code else ''}{run.summary}")
    return code or run.summary.exit_code


def reconcile(options: argparse.Namespace) -> int:
    """List uploads without an answer, and send their events."""
    from function.wiring import ledger
    from function.wiring.jobs import jobs_at

    settings = Settings.from_environment()
    given = {name: getattr(options, name) for name in ("inbox", "results") if getattr(options, name)}
    settings = msgspec.structs.replace(settings, **given)
    receiver, extensions = _receiver(options, settings)
    tally, progress, pace = Tally(options.overdue), Progress("reconcile"), Pace(options.rate)
    sides = ledger(settings, thorough=options.thorough)
    run = Reconciliation(
        sides, tally, progress,
        workers=options.concurrency, refused_too=options.refused, grace=options.grace,
    )  # fmt: skip
    try:
        if receiver is None or options.dry_run:
            run.preview()
        else:
            with receiver, _interruptible(receiver.stop, pace.stop):
                run.run(receiver, extensions=extensions, pace=pace)
    except KeyboardInterrupt:
        progress.tell(f"interrupted; so far {tally}")
        return EXIT_INTERRUPTED
    if receiver is None and not options.dry_run:
        progress.tell("--to is missing and K_SINK is not set: uploads are only listed, nobody gets their events")
    progress.tell(str(tally))
    if options.clean:
        clean(sides, jobs_at(settings, sides), progress, older=options.older, dry_run=options.dry_run)
    if options.metrics:
        try:
            tally.write(options.metrics)
        except OSError as problem:
            raise BadRequest(
                f"--metrics {options.metrics} cannot be written: {problem.strerror}", remedy="Name another file."
            ) from None
    return tally.exit_code


def _receiver(options: argparse.Namespace, settings: Settings) -> tuple[Receiver | None, dict[str, str]]:
    """Where events go, and attributes that each gets; what a SinkBinding sets is for its own sink alone."""
    url = options.to or settings.sink
    if not url:
        return None, {}
    if problem := address_problem(url):
        name = "--to" if options.to else "K_SINK"
        raise BadRequest(f"{name}: {problem}", remedy=f"Give {name} as http://HOST:PORT/PATH.")
    try:
        extensions = {} if options.to else overrides(settings.ce_overrides)
    except ValueError as problem:
        raise SettingsError(f"K_CE_OVERRIDES is wrong: {problem}.") from None
    receiver = Receiver(
        url,
        seconds=options.timeout,
        tries=options.tries,
        ca_certs=settings.ca_certs,
        connections=options.concurrency,
        token_file=options.token_file or ("" if options.to else settings.sink_token_file),
    )
    return receiver, extensions


def _done(options: argparse.Namespace) -> Done:
    try:
        return Done(None if options.dry_run and not _exists(options) else options.state)
    except OSError as problem:
        raise BadRequest(
            f"--state {options.state} cannot be read and written: {problem.strerror}", remedy="Name another file."
        ) from None


def _exists(options: argparse.Namespace) -> bool:
    return options.state is not None and options.state.exists()


@contextlib.contextmanager
def _interruptible(*stops: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM end waiting first, so that what is under way ends soon, and then the run."""

    def stop(*_: object) -> NoReturn:
        for each in stops:
            each()
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
