"""Rules and alerts of components/metrics: valid, told in the runbook, and each alert fires and resolves in promtool."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml

from function import errors
from function.reading.uploads.inbox import Outcome
from tests import prometheus
from tests.conftest import ROOT
from tests.manifests import KNATIVE

RUNBOOK = ROOT / "knative/RUNBOOK.md"
POD = 'namespace="documents",pod="zeropage-1"'


@dataclass(frozen=True)
class Case:
    """A fault that comes and goes.

    Attributes:
        alert: that tells of it.
        series: values, a minute apart each, in promtool's words.
        fires: minutes at which it does.
        quiet: minutes at which it does not: before, and after it is over.
    """

    alert: str
    series: dict[str, str]
    fires: list[int]
    quiet: list[int]


def _requests(done: str, failed: str) -> dict[str, str]:
    name = f'zeropage_requests_total{{{POD},door="parse"'
    return {f'{name},outcome="done"}}': done, f'{name},outcome="engine-failed"}}': failed}


def _latency(fast: str, slow: str) -> dict[str, str]:
    name = f'zeropage_request_seconds_bucket{{{POD},door="parse"'
    return {f'{name},le="8"}}': fast, f'{name},le="60"}}': slow, f'{name},le="+Inf"}}': slow}


def _counted(door: str, outcome: str, revision: str = "zeropage-00041") -> str:
    labels = f'door="{door}",outcome="{outcome}",serving_knative_dev_revision="{revision}"'
    return f"zeropage_requests_total{{{POD},{labels}}}"


def _lookups(miss: str, error: str, resting: str) -> dict[str, str]:
    values = {"miss": miss, "error": error, "resting": resting}
    return {f'zeropage_cache_lookups_total{{{POD},outcome="{name}"}}': text for name, text in values.items()}


def _rollout(new: str, old: str) -> dict[str, str]:
    """Both revisions read; how often each refuses as too large."""
    refused = {"zeropage-00042": new, "zeropage-00041": old}
    return {_counted("parse", "done", revision): "0+5x80" for revision in refused} | {
        _counted("parse", "too-large", revision): values for revision, values in refused.items()
    }


_SERVICE = f'{POD},serving_knative_dev_service="zeropage"'
CASES = [
    Case(
        "ZeropageErrorBudgetBurnsFast",
        _requests("0+10x60 600+1x30 630+10x30", "0+0x60 0+9x30 270+0x30"),
        fires=[80, 90],
        quiet=[50, 61, 100, 119],
    ),
    Case("ZeropageErrorBudgetBurnsFast", _requests("0+0x30", "0+0.1x30"), fires=[], quiet=[20, 30]),  # too few
    Case(
        "ZeropageErrorBudgetBurns",
        _requests("0+10x60 600+8x120 1560+10x100", "0+0x60 0+2x120 240+0x100"),
        fires=[120, 180],
        quiet=[50, 65, 225, 280],
    ),
    Case(
        "ZeropageSlow",
        _latency("0+10x20 200+0x40 200+10x40", "0+10x20 200+10x40 600+10x40"),
        fires=[40, 55],
        quiet=[15, 26, 80],
    ),
    Case(
        "ZeropageDeadLetters",  # a pod that is there, and counts one more
        {f"zeropage_dead_letters_total{{{POD}}}": "0x20 1x40"},
        fires=[22, 29],
        quiet=[5, 15, 35, 60],
    ),
    Case(
        "ZeropageDeadLetters",  # a pod that starts for it
        {f"zeropage_dead_letters_total{{{POD}}}": "_x10 1x40"},
        fires=[12, 19],
        quiet=[5, 25, 50],
    ),
    Case(
        "ZeropageDeadLettersRefused",  # the first try is what the series begins with
        {_counted("deadletter", "store-denied"): "_x10 1x60", _counted("deadletter", "done"): "0+1x70"},
        fires=[12, 19],
        quiet=[5, 25, 50],
    ),
    Case(
        "ZeropageDeadLettersRefused",
        {_counted("deadletter", "store-denied"): "0x10 0+2x20 40x40", _counted("events", "store-denied"): "0+2x70"},
        fires=[15, 30],
        quiet=[8, 45],
    ),
    Case(
        "ZeropageCacheFails",
        _lookups("0+10x20 200x30 200+10x30", "0+0x20 0+1x30 30x30", "0+0x20 0+9x30 270x30"),
        fires=[40, 50],
        quiet=[15, 27, 60],
    ),
    Case("ZeropageCacheFails", _lookups("0+9x60", "0+1x60", "0x60"), fires=[], quiet=[30, 55]),  # now and then
    Case(
        "ZeropageRevisionRefuses",
        _rollout(new="0x10 0+1x20 20x50", old="0x80"),
        fires=[22, 40],
        quiet=[8, 14, 65],
    ),
    Case("ZeropageRevisionRefuses", _rollout(new="0x10 0+1x60", old="0+1x70"), fires=[], quiet=[20, 50]),  # callers
    Case(
        "ZeropageRevisionRefuses",  # and nobody to compare it with
        {name: values for name, values in _rollout(new="0+1x70", old="0x70").items() if "00041" not in name},
        fires=[],
        quiet=[20, 50],
    ),
    Case(
        "ZeropageColdStartSlow",
        {f'ocr_cold_start_seconds{{{POD},phase="ready"}}': "_x5 75x20 _x20 12x10"},
        fires=[6, 20],
        quiet=[2, 35, 50],
    ),
    Case(
        "ZeropageColdStartSlow",  # with an accurate engine
        {
            f'ocr_cold_start_seconds{{{POD},phase="ready"}}': "75x20 400x20 120x20",
            f'ocr_cold_start_seconds{{{POD},phase="warmup_page.accurate"}}': "9x60",
        },
        fires=[25, 40],
        quiet=[10, 50],
    ),
    Case(
        "ZeropageWeightsFailed",
        {
            f'kube_pod_container_status_restarts_total{{{POD},container="zeropage"}}': "0x10 1+1x3 4x60",
            f'kube_pod_container_status_last_terminated_exitcode{{{POD},container="zeropage"}}': "_x10 3x70",
        },
        fires=[12, 20],
        quiet=[5, 40],
    ),
    Case(
        "ZeropageWeightsFailed",  # killed for memory is another matter
        {
            f'kube_pod_container_status_restarts_total{{{POD},container="zeropage"}}': "0x10 1+1x3 4x60",
            f'kube_pod_container_status_last_terminated_exitcode{{{POD},container="zeropage"}}': "_x10 137x70",
        },
        fires=[],
        quiet=[5, 12, 40],
    ),
    Case(
        "ZeropageWeightsFailed",
        {'kube_job_status_failed{namespace="documents",job_name="zeropage-weights"}': "0x5 1x10 0x10"},
        fires=[7],
        quiet=[3, 20],
    ),
    Case(
        "ZeropageQueueGrows",
        {f"zeropage_queue_pages{{{_SERVICE}}}": "0x10 0+2x40 80-8x10", f"zeropage_ready{{{_SERVICE}}}": "1x70"},
        fires=[30, 49],
        quiet=[8, 12, 62],
    ),
    Case(
        "ZeropageQueueGrows",  # pods are being added
        {
            f"zeropage_queue_pages{{{_SERVICE}}}": "0x10 0+2x40",
            f"zeropage_ready{{{_SERVICE}}}": "1x60",
            f"zeropage_ready{{{_SERVICE.replace('zeropage-1', 'zeropage-2')}}}": "_x25 1x40",
        },
        fires=[],
        quiet=[27, 30, 38],
    ),
    Case(
        "ZeropageResultsBehind",
        {'kube_job_status_failed{namespace="documents",job_name="zeropage-reconcile-29"}': "0x5 1x60 _x30"},
        fires=[7, 60],
        quiet=[3, 80],
    ),
    Case(
        "ZeropageResultsBehind",
        {'zeropage_reconcile_overdue{namespace="documents"}': "0x10 3x10 0x10"},
        fires=[15],
        quiet=[5, 25],
    ),
    Case(
        "ZeropageReconcileSilent",  # the clock of promtool begins at 0
        {'kube_cronjob_status_last_schedule_time{namespace="a",cronjob="zeropage-reconcile"}': "60x200 12060x20"},
        fires=[190, 200],
        quiet=[100, 170, 205],
    ),
    Case("ZeropageNotReady", {f"zeropage_ready{{{POD}}}": "0x5 1x10 0x25 1x10"}, fires=[35], quiet=[4, 12, 28, 45]),
]  # fmt: skip


def _tested(case: Case) -> dict[str, Any]:
    """In promtool's words. A pod's last scrape counts for five minutes unless it is said to have ended."""
    firing = f'count(ALERTS{{alertname="{case.alert}",alertstate="firing"}})'
    looks = [(minute, True) for minute in case.fires] + [(minute, False) for minute in case.quiet]
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
        "promql_expr_test": [
            {
                "expr": firing,
                "eval_time": f"{minute}m",
                "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
            }
            for minute, fires in looks
        ],
    }


def _alerts() -> list[dict[str, Any]]:
    return [rule for group in prometheus.rules()["groups"] for rule in group["rules"] if "alert" in rule]


def test_the_rules_are_prometheus_own(tmp_path: Path) -> None:
    """Promtool reads each, and finds no doubled one."""
    code, said = prometheus.promtool("check", "rules", str(prometheus.write_rules(tmp_path / "rules.yml")))

    assert code == 0, said


def test_each_alert_fires_and_resolves(tmp_path: Path) -> None:
    """Quiet before its fault, firing during it, quiet again after it."""
    prometheus.write_rules(tmp_path / "rules.yml")
    tests = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [_tested(case) for case in CASES]}
    path = tmp_path / "test.yml"
    path.write_text(yaml.safe_dump(tests), encoding="utf-8")

    code, said = prometheus.promtool("test", "rules", str(path))

    assert code == 0, said


def test_each_alert_has_a_case_that_ends() -> None:
    """None is believed to work because nobody tried."""
    tried = {case.alert for case in CASES if case.fires and max(case.quiet) > max(case.fires)}

    assert {rule["alert"] for rule in _alerts()} == tried


def test_each_alert_has_its_section_in_the_runbook() -> None:
    """Who is paged finds what it means, why, and what to type; sections of no alert are out of date."""
    text = RUNBOOK.read_text(encoding="utf-8")
    sections = {
        title.lower(): body for title, body in re.findall(r"^## (Zeropage\w+)\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    }
    named = [rule["annotations"]["runbook"].removeprefix("knative/RUNBOOK.md#") for rule in _alerts()]

    assert set(named) == set(sections)
    assert [title for title, body in sections.items() if "```sh\n" not in body] == []
    assert all(rule["labels"]["severity"] in {"critical", "warning"} for rule in _alerts())


def test_the_adapter_tells_the_mean_of_a_pods_gpus_over_a_minute(tmp_path: Path) -> None:
    """The rule of hpa-gpu-utilisation, filled in as the adapter does: a figure a pod, which an HPA averages."""
    path = KNATIVE / "components/hpa-gpu-utilisation/adapter-rules.yaml"
    [rule] = yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]["custom"]
    gpu = 'DCGM_FI_DEV_GPU_UTIL{exported_namespace="documents",exported_pod='
    asked = {"Series": "DCGM_FI_DEV_GPU_UTIL", "LabelMatchers": 'exported_namespace="documents",exported_pod=~"a|b"'}
    expression = rule["metricsQuery"].replace("<<.GroupBy>>", "exported_pod")
    for name, text in asked.items():
        expression = expression.replace(f"<<.{name}>>", text)
    series = {f'{gpu}"a",gpu="0"}}': "0x4 60x6", f'{gpu}"a",gpu="1"}}': "0x4 100x6", f'{gpu}"b",gpu="0"}}': "20x10"}
    wanted = [{"labels": f'{{exported_pod="{pod}"}}', "value": value} for pod, value in (("a", 80), ("b", 20))]
    test = {
        "interval": "15s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": expression, "eval_time": "135s", "exp_samples": wanted}],
    }
    told = tmp_path / "test.yml"
    told.write_text(yaml.safe_dump({"rule_files": [], "tests": [test]}), encoding="utf-8")

    code, said = prometheus.promtool("test", "rules", str(told))

    assert code == 0, said


def _problems() -> list[errors.OcrError]:
    kinds = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.OcrError)]
    return [kind("") for kind in kinds if kind is not errors.OcrError]


def test_each_outcome_of_a_panel_has_its_line_in_the_runbook() -> None:
    """Who sees one without an alert finds what it means, its settings and where to begin."""
    firsts = "".join(re.findall(r"^\| (`.*?) \|", RUNBOOK.read_text(encoding="utf-8"), re.M))
    names = {problem.name for problem in _problems()} - {"refusal", "outage"}  # their classes are never met themselves
    names |= {"caller-gone", "hit", "miss", "shared", "error", "resting", "repeated", "read", "elsewhere", "given-up"}
    names |= {kind.__name__.lower() for kind in get_args(Outcome)}

    assert sorted(names - set(re.findall(r"`([a-z-]+)`", firsts))) == []


def test_faults_of_ours_are_those_of_the_error_tree() -> None:
    """Each problem with a status of 500 or more burns the budget, and no other does."""
    ours = {problem.name for problem in _problems() if problem.status >= 500}
    [expression] = [
        rule["expr"]
        for group in prometheus.rules()["groups"]
        for rule in group["rules"]
        if rule.get("record") == "zeropage:requests_failed:rate5m"
    ]

    assert set(re.findall(r'outcome=~"([^"]+)"', expression)[0].split("|")) == ours
