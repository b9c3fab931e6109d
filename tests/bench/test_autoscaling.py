"""The autoscaling simulator: hand-computed cases, what was recorded on a real cluster, and its promises to users."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bench.autoscaling import traces
from bench.autoscaling.__main__ import main
from bench.autoscaling.annotations import Annotations, changed, of_service, patch, seconds
from bench.autoscaling.averages import Averages
from bench.autoscaling.decider import Decider
from bench.autoscaling.play import play
from bench.autoscaling.scalers import Always, HpaOnUtilisation, KedaOnQueue, Kpa
from bench.autoscaling.traces import Trace
from bench.autoscaling.world import Conditions, Outcome
from tests.conftest import ROOT

#: Pods of one slot that are told how many to be by their concurrency alone.
ONE = Annotations(container_concurrency=1, utilization=100.0, window=6.0)


def _trace(*arrivals: float, takes: float = 1.0, rest: float = 300.0) -> Trace:
    return Trace("hand-made", array("d", arrivals), array("d", [takes] * len(arrivals)), rest)


def _burst(count: int, takes: float) -> Trace:
    return _trace(*(0.01 * index for index in range(count)), takes=takes)


def _most(outcome: Outcome) -> int:
    return max(ready + starting for _, ready, starting in outcome.pods)


@pytest.mark.parametrize(("utilization", "pods"), [(70.0, 2), (100.0, 1)])
def test_one_request_at_one_slot_starts_as_many_pods_as_on_a_real_cluster(utilization: float, pods: int) -> None:
    """Recorded: the default of 70 % starts two pods for one request, 100 % one."""
    outcome = play(_trace(10.0), Conditions(cold_start=1.8), Kpa(replace(ONE, utilization=utilization)))

    assert _most(outcome) == pods
    assert list(outcome.waits) == pytest.approx([1.8])


def test_a_window_of_six_seconds_is_back_at_zero_as_fast_as_on_a_real_cluster() -> None:
    """Recorded: 37-39 s after the last request, being the window and a grace period of 30 s."""
    outcome = play(_trace(10.0), Conditions(cold_start=1.8), Kpa(ONE))

    (gone,) = [when for when, ready, starting in outcome.pods if ready + starting == 0]
    assert 36.0 <= gone - (10.0 + outcome.answers[0]) <= 40.0


@pytest.mark.parametrize(
    ("slots", "utilization", "limit", "pods"),
    [(4, 100.0, 0, 13), (4, 70.0, 0, 18), (1, 100.0, 0, 50), (4, 100.0, 2, 2)],
)
def test_a_burst_while_nothing_is_ready_wakes_a_pod_for_each_part_of_it(
    slots: int, utilization: float, limit: int, pods: int
) -> None:
    """Waiting requests count as concurrency and no pod as one pod: ceil(50 / (slots x utilization)), or the limit."""
    told = Annotations(container_concurrency=slots, utilization=utilization, max_scale=limit)

    outcome = play(_burst(50, takes=5.0), Conditions(cold_start=90.0, slots=slots), Kpa(told))

    assert _most(outcome) == pods
    assert len(outcome.waits) == 50


def test_a_limit_costs_waiting_and_saves_pods() -> None:
    """50 documents of 5 s on two pods of 4 slots end in 7 turns: the last begins 6 x 5 s after the start."""
    told = Annotations(container_concurrency=4, utilization=100.0, max_scale=2)
    wide = replace(told, max_scale=0)

    narrow = play(_burst(50, takes=5.0), Conditions(cold_start=90.0, slots=4), Kpa(told))
    broad = play(_burst(50, takes=5.0), Conditions(cold_start=90.0, slots=4), Kpa(wide))

    assert max(narrow.waits) == pytest.approx(90.0 + 6 * 5.0 - 0.5, abs=1.0)
    assert narrow.paid_seconds < broad.paid_seconds / 4


def test_the_decision_is_the_one_of_the_formula() -> None:
    """Stable 10 at a target of 4: three pods; one is ready, so 3/1 >= 2 is panic, and nothing shrinks then."""
    decider = Decider(Annotations(container_concurrency=4, utilization=100.0, window=60.0))

    first = decider.decide(0.0, stable=10.0, panic=10.0, ready=1)
    later = decider.decide(30.0, stable=1.0, panic=1.0, ready=3)
    calm = decider.decide(62.0, stable=1.0, panic=1.0, ready=3)

    assert (first.want, first.panicking) == (3, True)
    assert (later.want, later.panicking) == (3, True)
    assert (calm.want, calm.panicking) == (1, False)  # floor(3 / 2): at most half goes at once


def test_ten_pods_go_at_most_by_half() -> None:
    """max-scale-down-rate is 2."""
    decider = Decider(Annotations(container_concurrency=1, utilization=100.0))

    assert decider.decide(0.0, stable=0.0, panic=0.0, ready=10).want == 5


def test_a_delay_keeps_the_largest_wish_of_late() -> None:
    """scale-down-delay of 60 s: the wish for 4 pods is forgotten 60 s after it."""
    decider = Decider(
        Annotations(container_concurrency=1, utilization=100.0, scale_down_delay=60.0, panic_threshold=1000)
    )

    wishes = [
        decider.decide(now, stable=load, panic=load, ready=4).want for now, load in [(0, 4), (30, 2), (59, 2), (60, 2)]
    ]

    assert wishes == [4, 4, 4, 2]


def test_a_burst_capacity_of_ten_puts_the_activator_into_the_path_of_two_small_pods() -> None:
    """floor(2 x 4 - 10 - 1) = -3; without a wish for it, 0; with -1 always."""
    small = Annotations(container_concurrency=4, burst_capacity=10.0)
    cases = [(small, -3), (replace(small, burst_capacity=0.0), 0), (replace(small, burst_capacity=-1.0), -1)]

    for told, expected in cases:
        assert Decider(told).decide(0.0, stable=1.0, panic=1.0, ready=2).excess_burst_capacity == expected


def test_a_young_window_is_averaged_from_its_first_second() -> None:
    """The first second counts in full; then each second less, until the window is full and the oldest leave it."""
    averages = Averages(window=4, panic=1)

    read = []
    for value in (8.0, 0.0, 0.0, 0.0, 0.0):
        averages.push(value)
        read.append(averages.read()[0])

    assert read == pytest.approx([8.0, 4.0, 8 / 3, 2.0, 0.0])
    assert averages.read()[1] == 0.0


def test_the_last_pod_stays_for_the_retention_period() -> None:
    """A document every four minutes with a retention of ten wakes one pod in an hour; without it, one each."""
    hour = _trace(*range(0, 3600, 240), takes=3.0)
    told = replace(ONE, window=60.0)

    kept = play(hour, Conditions(cold_start=30.0), Kpa(replace(told, retention=600.0)))
    gone = play(hour, Conditions(cold_start=30.0), Kpa(told))

    assert (kept.cold_starts, gone.cold_starts) == (1, 15)


def test_pods_and_idle_nodes_are_paid_for_to_the_second() -> None:
    """Two pods for an hour after the only document, and a node that is kept ten minutes."""
    outcome = play(_trace(0.0, rest=3600.0), Conditions(cold_start=0.0, node_idle_seconds=600.0), Always(2))

    assert outcome.paid_seconds == pytest.approx(2 * 3600.0 + 2 * 600.0, abs=4.0)
    assert outcome.busy_seconds == pytest.approx(1.0)


def test_a_new_node_is_waited_for_and_a_warm_one_is_not() -> None:
    """The second document finds its pod gone, but the node still there."""
    told = replace(ONE, grace=30.0)
    outcome = play(_trace(0.0, 100.0), Conditions(5.0, node_seconds=120.0, node_idle_seconds=600.0), Kpa(told))
    far = play(_trace(0.0, 300.0, 2000.0), Conditions(5.0, node_seconds=120.0, node_idle_seconds=600.0), Kpa(told))

    assert list(outcome.waits) == pytest.approx([125.0, 25.0 + 1.0], abs=1.1)  # the first pod is ready at 125 s
    assert list(far.waits) == pytest.approx([125.0, 5.0, 125.0])


def test_a_pod_with_all_slots_held_reads_more_slowly() -> None:
    """With a slowdown of 1 the second of two takes twice as long."""
    outcome = play(_trace(0.0, 0.0, takes=10.0), Conditions(0.0, slots=2, slowdown=1.0), Always(1))

    assert sorted(outcome.answers) == pytest.approx([10.0, 20.0])


def test_the_hpa_follows_utilisation_and_keeps_one() -> None:
    """Two documents at a time keep one pod fully busy: ceil(1 x 100 / 70) = 2 pods; a night later it is back at one."""
    busy = _trace(*(float(second) for second in range(0, 1200, 5) for _ in range(2)), takes=5.0, rest=3600.0)

    outcome = play(busy, Conditions(0.0, slots=2, slowdown=0.0), HpaOnUtilisation(70.0, 1, 4))

    assert _most(outcome) >= 2
    assert outcome.pods[-1][1:] == (1, 0)


def test_keda_scales_by_what_waits_and_goes_to_zero() -> None:
    """It finds the first message at its next look; 25 that wait make three pods; nothing for long: none."""
    trace = _trace(*(1.0 + 0.01 * index for index in range(26)), takes=60.0, rest=3600.0)

    outcome = play(trace, Conditions(20.0), KedaOnQueue(10, 5, calm=60.0, cooldown=100.0))

    assert outcome.waits[0] == pytest.approx(5.0 + 20.0)
    assert _most(outcome) == 3
    assert outcome.pods[-1][1:] == (0, 0)


_SCALERS = [
    lambda: Kpa(ONE),
    lambda: Always(2),
    lambda: HpaOnUtilisation(70.0, 1, 3),
    lambda: KedaOnQueue(10, 3, calm=60.0, cooldown=60.0),
]


@pytest.mark.parametrize("scaler", _SCALERS)
def test_every_request_is_answered_once_whoever_scales(scaler: Callable[[], object]) -> None:
    """Nothing is lost when pods leave: what they hold ends first."""
    trace = traces.generated("bursts", documents=2000, days=1, services=[1.0, 9.0], seed=3)

    outcome = play(trace, Conditions(20.0), scaler(), seed=4)  # type: ignore[arg-type]

    assert len(outcome.waits) == len(outcome.answers) == len(trace.arrivals) > 500
    assert min(outcome.waits) >= 0.0


def test_the_manifest_is_read_as_it_stands() -> None:
    """Of the shipped Service: strings, durations, concurrency, timeout."""
    path = ROOT / "knative" / "service-gpu.yaml"
    told = of_service(path)
    template = next(
        item for item in yaml.safe_load_all(path.read_text()) if item["kind"] == "Service"
    )["spec"]["template"]  # fmt: skip

    assert told.container_concurrency == template["spec"]["containerConcurrency"]
    assert told.timeout == template["spec"]["timeoutSeconds"]
    written = template["metadata"]["annotations"]["autoscaling.knative.dev/scale-to-zero-pod-retention-period"]
    assert told.retention == seconds("retention", written) > 0


def test_a_found_change_is_a_patch_that_kubectl_takes() -> None:
    """JSON 6902 with the slash of the key escaped, values as strings."""
    wished = replace(ONE, retention=90.0, max_scale=3)

    assert changed(ONE, wished) == {
        "autoscaling.knative.dev/max-scale": "3",
        "autoscaling.knative.dev/scale-to-zero-pod-retention-period": "90s",
    }
    assert {operation["path"] for operation in yaml.safe_load(patch(ONE, wished))} == {
        "/spec/template/metadata/annotations/autoscaling.knative.dev~1max-scale",
        "/spec/template/metadata/annotations/autoscaling.knative.dev~1scale-to-zero-pod-retention-period",
    }


@pytest.mark.parametrize("raw", ["ten minutes", "10", "1h nonsense", ""])
def test_a_duration_that_is_none_is_named(raw: str) -> None:
    """With the annotation's name and the text."""
    with pytest.raises(ValueError, match=r"window: .* is no duration"):
        seconds("window", raw)


def test_times_are_found_in_what_servers_and_buckets_write(tmp_path: Path) -> None:
    """A web server's log, a bucket listing, JSON lines, plain seconds; in any order."""
    log = tmp_path / "log"
    log.write_text(
        '127.0.0.1 - - [10/Oct/2026:13:55:40 +0000] "POST /v1/parse HTTP/1.1" 200\n'
        '            "LastModified": "2026-10-10T13:55:36+00:00",\n'
        '{"time":"2026-10-10T13:55:38.5Z","door":"parse"}\n'
        "no time here\n"
    )

    assert list(traces.of_file(log, [1.0], 1).arrivals) == pytest.approx([0.0, 2.5, 4.0])


def test_a_file_without_times_is_refused_by_name(tmp_path: Path) -> None:
    """Exit code 2, the file and what was looked for."""
    empty = tmp_path / "empty.log"
    empty.write_text("nothing\n")

    assert main(["--trace", str(empty), "--out", str(tmp_path)]) == 2


def test_an_office_rests_at_night_and_on_weekends() -> None:
    """And has about as many documents a working day as were asked for."""
    arrivals = list(traces.office(1000, 7 * traces.DAY, random.Random(1)))

    assert all(when // traces.DAY % 7 < 5 and 7 <= when % traces.DAY / 3600 < 18 for when in arrivals)
    assert len(arrivals) == pytest.approx(5000, rel=0.1)


def test_the_command_prints_a_table_a_drawing_and_a_patch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All ways in one run; with --p95 annotations that meet it, as a patch."""
    code = main(
        [
            "--trace",
            "nightly",
            "--documents",
            "40",
            "--days",
            "1",
            "--p95",
            "300",
            "--most",
            "2",
            "--out",
            str(tmp_path),
        ]
    )

    told = capsys.readouterr().out
    assert code == 0
    for way in ("ours, up to 1", "Knative's defaults", "always one", "HPA, GPU at 70 %"):
        assert f"| {way}" in told
    assert "P95 of at most 300 s: met" in told
    assert "op: add" in told or "nothing to change" in told
    assert (tmp_path / "autoscaling.svg").read_text().startswith("<svg")
