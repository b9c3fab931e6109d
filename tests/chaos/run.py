"""One run: uploads flow while disasters happen, all of it drawn from one seed; then everything rests and is judged."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.chaos import verdict
from tests.chaos.arrivals import Arrival, Document, arrivals
from tests.chaos.fault import Fault
from tests.chaos.held import Held, at_rest, every_thread, held
from tests.chaos.uploads import QUEUE, Uploaded
from tests.chaos.world import World
from tests.doors.conftest import stamped_png
from tests.faults import FAULTS, drawn
from tests.server import ServerEnded

#: An upload that came after a disaster's end is answered by then, or within so many times what one takes at rest:
#: a machine that is busy with other work is slow at everything.
_RECOVERED = 120.0
_TIMES_AT_REST = 60
#: The exit code of whoever should be asked again (os.EX_TEMPFAIL).
_AGAIN = 75
#: Hangs, not slowness.
_SETTLED = 1200.0


@dataclass(frozen=True)
class Plan:
    """Everything that chance decides.

    Attributes:
        arrivals: the uploads.
        pauses: seconds before each disaster.
        faults: those that strike at once, in turn.
    """

    arrivals: Sequence[Arrival]
    pauses: Sequence[float]
    faults: Sequence[Sequence[Fault]]


@dataclass
class Report:
    """What happened.

    Attributes:
        seed: of chance.
        uploads: how many.
        at_rest: seconds to the answer for an upload before the first disaster, the yardstick for those after one.
        recovered: for each disaster the seconds from its end to the answer for an upload that came then.
        skipped: disasters that cannot be tried here, and why.
        dead: deliveries that were given up, by the broker or the queue, though their documents are good.
        reconciled: uploads for which `reconcile` was needed.
        before, after: what the server held that lived through everything.
        findings: what is not as it must be.
    """

    seed: int
    uploads: int = 0
    at_rest: float = 0.0
    recovered: list[tuple[str, float]] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    dead: int = 0
    reconciled: list[str] = field(default_factory=list)
    before: Held | None = None
    after: Held | None = None
    findings: list[str] = field(default_factory=list)

    @property
    def patience(self) -> float:
        """Seconds by which an upload after a disaster is answered."""
        return max(_RECOVERED, _TIMES_AT_REST * self.at_rest)

    def __str__(self) -> str:
        longest = max((seconds for _, seconds in self.recovered), default=0.0)
        lines = [f"{name}: answering again after {seconds:.1f} s" for name, seconds in self.recovered]
        lines += [f"{name} was not tried: {why}" for name, why in self.skipped.items()]
        lines += [f"at rest: answering after {self.at_rest:.1f} s"]
        lines += [f"held before: {self.before}", f"held after:  {self.after}"]
        lines += [f"FOUND: {line}" for line in self.findings]
        told = (
            f"seed {self.seed}: {self.uploads} uploads, {len(self.recovered)} disasters, answering again after at most "
            f"{longest:.1f} s, {self.dead} deliveries given up, {len(self.reconciled)} reconciled, "
            f"{len(self.findings)} findings"
        )
        return "\n".join([*lines, told])


def planned(seed: int, world: World, *, seconds: float, every: float) -> Plan:
    """Draw everything.

    Args:
        seed: of chance.
        world: says which disasters can be tried.
        seconds: how long uploads come.
        every: seconds between two uploads, on average; there is a disaster for every two seconds, some two at once.
    """
    chance = random.Random(seed)
    uploads = list(arrivals(chance, seconds, every=every, ways=world.ways))
    faults = drawn(chance, world, max(2, int(seconds / 2)))
    turns: list[list[Fault]] = []
    while faults:
        turn, faults = faults[:1], faults[1:]
        if faults and chance.random() < 0.5 and faults[0].target(world) != turn[0].target(world):
            turn, faults = [*turn, faults[0]], faults[1:]
        turns.append(turn)
    return Plan(uploads, [chance.uniform(0, 1) for _ in turns], turns)


def chaos(
    world: World,
    seed: int,
    *,
    seconds: float,
    every: float = 0.4,
    brief: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Play a plan, let everything rest, and judge.

    Args:
        world: runs.
        seed: of chance.
        seconds: how long uploads come.
        every: seconds between two uploads, on average.
        brief: less to warm up with, and `reconcile` cleans only where something is left over.
        tell: gets a line whenever something happens.
    """
    report = Report(seed)
    report.skipped = {kind.__name__: why for kind in FAULTS if (why := kind.missing(world))}
    plan = planned(seed, world, seconds=seconds, every=every)
    warm(world, 2 if brief else 4)
    report.at_rest = _answered_after(world, "at-rest.png", _SETTLED)
    report.before = held(world.witness)
    feeder = threading.Thread(target=_fed, args=(world, plan.arrivals), daemon=True)
    feeder.start()
    with ThreadPoolExecutor(64) as probes:
        asked = []
        for number, (pause, faults) in enumerate(zip(plan.pauses, plan.faults, strict=True)):
            time.sleep(pause)
            name = " and ".join(fault.name for fault in faults)
            tell(name)
            report.findings += _struck(world, faults)
            asked.append((name, probes.submit(_answered_after, world, f"probe-{number}.png", report.patience)))
        feeder.join()
        report.recovered = [(name, probe.result()) for name, probe in asked]
    tell("all is mended, and rests")
    _judged(world, report, brief, tell)
    tell("judged")
    return report


def warm(world: World, rounds: int) -> None:
    """Every server has read something, and has all its threads."""
    for number in range(rounds * len(world.pods)):
        world.uploads.bring(
            Arrival(0, f"warm-{number}.png", _document(f"warm {number} stub:wait=0.1"), None, "broker", 1)
        )
    world.uploads.all()
    world.broker.wait()
    every_thread(world.witness)


def _fed(world: World, plan: Sequence[Arrival]) -> None:
    for arrival in plan:
        time.sleep(arrival.after)
        world.uploads.bring(arrival)


def _struck(world: World, faults: Sequence[Fault]) -> list[str]:
    """What went wrong with the disasters themselves, such as a server that does not end in order."""
    for fault in faults:
        fault.begin(world)
    # Each ends in its time: a server that finishes its work must not keep the store frozen that it waits for.
    return [found for found in world.threads.map(lambda fault: _ended(world, fault), faults) if found]


def _ended(world: World, fault: Fault) -> str:
    time.sleep(fault.seconds)
    try:
        fault.end(world)
    except (AssertionError, ServerEnded) as problem:
        return f"{fault.name}: {problem}"
    return ""


def _document(text: str) -> Document:
    return Document("png", stamped_png(text), text=f"{text}\n")


def _answered_after(world: World, key: str, patience: float) -> float:
    """Seconds until an upload that comes now has its result."""
    began = time.monotonic()
    uploaded = world.uploads.bring(Arrival(0, key, _document(key), None, "broker", 1)).result()
    while verdict.unanswered(world, [uploaded]):
        if time.monotonic() - began > patience:
            return float("inf")
        time.sleep(0.2)
    return time.monotonic() - began


def _judged(world: World, report: Report, brief: bool, tell: Callable[[str], None]) -> None:
    uploads = world.uploads.all()
    report.uploads = len(uploads)
    tell(f"all {len(uploads)} uploads are in")
    world.broker.wait(_SETTLED)
    tell("nothing is under way")
    report.dead = sum(letter.extensions.get("knativeerrorcode", "").startswith("5") for letter in world.broker.dead)
    _settled(world, report, uploads)
    tell("all is answered")
    report.findings += [
        f"{name}: not answered within {report.patience:g} s" for name, s in report.recovered if s > report.patience
    ]
    if len(report.reconciled) > report.dead + _buried(world):
        report.findings.append(f"lost without a dead letter: {report.reconciled}")
    if report.reconciled:
        _reconciled(world, report)
    report.findings += verdict.jobs(world, uploads)
    if clean := not brief or verdict.left_over(world):
        _reconciled(world, report, "--clean", "--older", "0")
    tell("reconciled")
    report.findings += verdict.findings(world, uploads, cleaned=clean)
    assert report.before is not None
    report.after = at_rest(world.witness, report.before)
    if not report.after.within(report.before):
        report.findings.append(f"{world.witness.name} held {report.before}; after all of it {report.after}")
    for pod in (*world.pods, world.consumer):
        if pod and "Traceback" in pod.logs:
            at = pod.logs.index("Traceback")
            report.findings.append(f"{pod.name} tells of something unforeseen: {pod.logs[at - 500 : at + 3000]}")


def _reconciled(world: World, report: Report, *more: str) -> None:
    """As its CronJob does: 75 says that the store did not answer in time, and that it should be tried later."""
    deadline = time.monotonic() + _SETTLED
    while (done := world.events("reconcile", "--to", world.broker.url, *more)).returncode == _AGAIN:
        if time.monotonic() > deadline:
            break
    if done.returncode:
        report.findings.append(f"reconcile ended with {done.returncode}: {done.stderr[-500:]}")
    world.broker.wait(_SETTLED)


def _settled(world: World, report: Report, uploads: Sequence[Uploaded]) -> None:
    """Until every upload is answered that was not given up: what the consumer holds, RabbitMQ does not tell."""
    deadline = time.monotonic() + report.patience
    while True:
        report.reconciled = verdict.unanswered(world, uploads)
        if len(report.reconciled) <= report.dead + _buried(world) or time.monotonic() > deadline:
            return
        time.sleep(0.5)


def _buried(world: World) -> int:
    return world.rabbitmq.ready(f"{QUEUE}.dead") if world.rabbitmq else 0
