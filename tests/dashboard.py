"""The Grafana dashboard as code: `python -m tests.dashboard` renews knative/components/metrics/dashboard.json.

A panel is a title, a unit and its queries; a row is a question that somebody has. Panels that need others' exporters
say so; tests/telemetry/test_dashboard.py gives every query of the rest to a Prometheus that scrapes a server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.manifests import KNATIVE

FILE = KNATIVE / "components/metrics/dashboard.json"
#: What every series of the function is narrowed to.
HERE = '{namespace=~"$namespace"}'
#: What the PodMonitor makes of Knative's label: what goes wrong in one revision only is that revision's doing.
_REVISION = "serving_knative_dev_revision"


@dataclass(frozen=True)
class Panel:
    """One graph.

    Attributes:
        title: what is seen.
        unit: in Grafana's words.
        queries: expression by legend.
        needs: whose series it draws, where they are not the function's own.
    """

    title: str
    unit: str
    queries: dict[str, str]
    needs: str = ""


def _rate(metric: str, by: str = "", where: str = "") -> str:
    narrowed = HERE[:-1] + f",{where}}}" if where else HERE
    return f"sum{f' by ({by})' if by else ''} (rate({metric}{narrowed}[$__rate_interval]))"


def _quantiles(metric: str, by: str = "", where: str = "") -> dict[str, str]:
    labels = f"le, {by}" if by else "le"
    legend = f" {{{{{by}}}}}" if by else ""
    return {
        f"P{share}{legend}": f"histogram_quantile(0.{share}, {_rate(f'{metric}_bucket', labels, where)})"
        for share in (50, 95, 99)
    }


def _mean(metric: str) -> str:
    return f"{_rate(f'{metric}_sum')} / ({_rate(f'{metric}_count')} > 0)"


#: A second, of all that asked for a reading: what a mean is of.
_DOCUMENTS = f"({_rate('zeropage_documents_total')} > 0)"
_RECONCILE = "reconcile --metrics, read by node exporter"
_USER = [
    Panel("Requests by door", "reqps", {"{{door}}": _rate("zeropage_requests_total", "door")}),
    Panel(
        "Outcomes that are not done",
        "reqps",
        {
            "{{outcome}} {{serving_knative_dev_revision}}": _rate(
                "zeropage_requests_total", f"outcome, {_REVISION}", 'outcome!="done"'
            ),
            "all {{serving_knative_dev_revision}}": _rate("zeropage_requests_total", _REVISION),
        },
    ),
    Panel("Share of faults of ours", "percentunit", {"faults": f"zeropage:errors:ratio5m{HERE}"}),
    Panel("Seconds to the last byte, /v1/parse", "s", _quantiles("zeropage_request_seconds", where='door="parse"')),
    Panel("Wait for a slot", "s", _quantiles("zeropage_admission_seconds")),
    Panel("Queue: wait of a page", "s", _quantiles("zeropage_queue_seconds")),
    Panel(
        "Queue: pages and slots",
        "short",
        {
            "pages that wait": f"sum (zeropage_queue_pages{HERE})",
            "documents being read": f"sum (zeropage_slots_held{HERE})",
        },
    ),
    Panel("Documents by outcome", "ops", {"{{outcome}} {{tier}}": _rate("zeropage_documents_total", "outcome, tier")}),
]
_SCALING = [
    Panel(
        "Pods by Service",
        "short",
        {
            "{{serving_knative_dev_service}}": f"zeropage:pods:count{HERE}",
            "ready": f"sum (zeropage_ready{HERE})",
        },
    ),
    Panel("Documents a pod", "short", {"mean": f"sum (zeropage_slots_held{HERE}) / sum (zeropage:pods:count{HERE})"}),
    Panel("Cold starts by phase", "s", {"{{phase}}": f"max by (phase) (ocr_cold_start_seconds{HERE})"}),
    # A pod's series begins with its start: how many began, however short they lived.
    Panel(
        "Starts",
        "short",
        {
            "in the last hour": "count (count by (pod) (last_over_time(ocr_cold_start_seconds" + HERE + "[1h])))",
        },
    ),
    Panel(
        "Share of time at zero, of the last hour",
        "percentunit",
        {
            "at zero": f"1 - avg_over_time((clamp_max(count (zeropage_ready{HERE}), 1) or vector(0))[1h:1m])",
        },
    ),
]
_ENGINE = [
    Panel("Pages a second by rung", "ops", {"{{rung}}": _rate("zeropage_pages_total", "rung")}),
    Panel(
        "Pages of a batch",
        "short",
        {
            "mean": _mean("zeropage_batch_pages"),
            # Between two bounds Prometheus tells parts of a page.
            **{share: f"ceil({query})" for share, query in _quantiles("zeropage_batch_pages").items()},
        },
    ),
    Panel(
        "Engine at work, of a pod's time",
        "percentunit",
        {
            "busy": f"{_rate('zeropage_engine_seconds_total')} / sum (zeropage:pods:count{HERE})",
        },
    ),
    Panel(
        "Seconds by phase of documents",
        "s",
        {
            "{{phase}}": f"{_rate('zeropage_phase_seconds_total', 'phase')} / on () group_left () {_DOCUMENTS}",
            # A lookup that failed found nothing, so no phase counts its wait.
            "cache, failed lookups too": f"{_rate('zeropage_cache_seconds_sum')} / {_DOCUMENTS}",
        },
    ),
    Panel("Draw: seconds a page", "s", _quantiles("zeropage_render_seconds")),
    Panel(
        "Cache: documents by outcome",
        "ops",
        {"{{outcome}}": _rate("zeropage_cache_lookups_total", "outcome")},
        "OCR_CACHE",
    ),
    Panel(
        "Done once more, or for nobody",
        "ops",
        {
            "{{what}}": _rate("zeropage_retries_total", "what"),
            "pages read for nobody": _rate("zeropage_wasted_pages_total"),
        },
    ),
    Panel("GPU at work", "percentunit", {"{{pod}} {{gpu}}": f"zeropage_gpu_busy_ratio{HERE}"}, "a GPU"),
    Panel("GPU memory", "bytes", {"{{pod}} {{gpu}} {{part}}": f"zeropage_gpu_memory_bytes{HERE}"}, "a GPU"),
]
_EVENTS = [
    Panel(
        "In: events by door",
        "reqps",
        {
            "{{door}}": _rate("zeropage_requests_total", "door", 'door=~"events|hooks|jobs"'),
            "ignored: {{reason}}": _rate("zeropage_ignored_events_total", "reason"),
        },
    ),
    Panel("Out: uploads by what came of them", "ops", {"{{outcome}}": _rate("zeropage_uploads_total", "outcome")}),
    Panel(
        "Redeliveries and superseded",
        "ops",
        {
            "{{outcome}}": _rate("zeropage_uploads_total", "outcome", 'outcome=~"repeated|superseded"'),
            "queue": _rate("zeropage_queue_redelivered_total"),
        },
    ),
    Panel(
        "Dead letters, of the last hour",
        "short",
        {
            "archived": f"sum (increase(zeropage_dead_letters_total{HERE}[1h]))",
        },
    ),
    Panel(
        "Oldest unread upload",
        "s",
        {"age": f"max (zeropage_reconcile_oldest_unanswered_seconds{HERE})"},
        _RECONCILE,
    ),
    Panel("Unread uploads", "short", {"without an answer": f"max (zeropage_reconcile_missing{HERE})"}, _RECONCILE),
    Panel(
        "Ranges of split documents",
        "ops",
        {"{{outcome}}": _rate("zeropage_ranges_total", "outcome")},
        "OCR_SPLIT_PAGES",
    ),
]
_COST = [
    Panel(
        "CPU seconds a document",
        "s",
        {"mean": _mean("zeropage_answer_cpu_seconds"), **_quantiles("zeropage_answer_cpu_seconds", "tier")},
    ),
    Panel("GPU seconds a document", "s", {"mean": _mean("zeropage_answer_gpu_seconds")}),
    Panel("CPUs used, of all processes", "short", {"CPUs": _rate("process_cpu_seconds_total")}),
    Panel("Idle share of the pods' time", "percentunit", {"idle": f"zeropage:idle:ratio5m{HERE}"}),
    Panel(
        "Pages a CPU second",
        "short",
        {
            "pages": f"{_rate('zeropage_pages_total')} / ({_rate('process_cpu_seconds_total')} > 0)",
        },
    ),
]


def _containers(metric: str) -> str:
    return f"sum by (pod, container) (rate({metric}{_OURS}[$__rate_interval]))"


def _dcgm(metric: str) -> str:
    """Its exporter's own labels step back where Prometheus' of that name stay in force."""
    return f'{metric}{{exported_namespace=~"$namespace"}} or {metric}{HERE}'


_OURS = '{namespace=~"$namespace",container=~"zeropage|queue-proxy|vlm-server"}'
_NODES = [
    Panel(
        "Nodes: CPU at work",
        "percentunit",
        {
            "{{instance}}": '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))',
        },
        "node exporter",
    ),
    Panel("Nodes: memory left", "bytes", {"{{instance}}": "node_memory_MemAvailable_bytes"}, "node exporter"),
    Panel(
        "Nodes: disk left",
        "percentunit",
        {
            "{{instance}} {{mountpoint}}": 'node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"}'
            " / node_filesystem_size_bytes",
        },
        "node exporter",
    ),
    Panel(
        "Containers: CPUs",
        "short",
        {
            "{{pod}} {{container}}": _containers("container_cpu_usage_seconds_total"),
        },
        "cAdvisor",
    ),
    Panel(
        "Containers: throttled share",
        "percentunit",
        {
            "{{pod}} {{container}}": _containers("container_cpu_cfs_throttled_periods_total")
            + " / "
            + _containers("container_cpu_cfs_periods_total"),
        },
        "cAdvisor",
    ),
    Panel(
        "Containers: memory that counts",
        "bytes",
        {
            "{{pod}} {{container}}": f"sum by (pod, container) (container_memory_working_set_bytes{_OURS})",
        },
        "cAdvisor",
    ),
    Panel(
        "DCGM: GPU at work",
        "percent",
        {
            "{{Hostname}} {{gpu}}": _dcgm("DCGM_FI_DEV_GPU_UTIL"),
        },
        "DCGM exporter",
    ),
    Panel(
        "DCGM: GPU memory",
        "decmbytes",
        {
            "{{Hostname}} {{gpu}}": _dcgm("DCGM_FI_DEV_FB_USED"),
        },
        "DCGM exporter",
    ),
    Panel(
        "DCGM: power",
        "watt",
        {
            "{{Hostname}} {{gpu}}": _dcgm("DCGM_FI_DEV_POWER_USAGE"),
        },
        "DCGM exporter",
    ),
]
ROWS = {
    "User's view": _USER,
    "Scaling": _SCALING,
    "Engine": _ENGINE,
    "Events": _EVENTS,
    "Cost": _COST,
    "Nodes, containers, GPUs": _NODES,
}
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_ACROSS, _HIGH = 3, 8


def made() -> str:
    """The dashboard as Grafana imports it."""
    panels: list[dict[str, Any]] = []
    top = 0
    for title, row in ROWS.items():
        place = {"x": 0, "y": top, "w": 24, "h": 1}
        panels.append({"type": "row", "id": len(panels) + 1, "title": title, "gridPos": place, "panels": []})
        top += 1
        for number, panel in enumerate(row):
            x, y = number % _ACROSS * 24 // _ACROSS, top + number // _ACROSS * _HIGH
            panels.append(_drawn(panel, len(panels) + 1, {"x": x, "y": y, "w": 24 // _ACROSS, "h": _HIGH}))
        top += -(-len(row) // _ACROSS) * _HIGH
    whole = {
        "title": "Zeropage", "uid": "zeropage", "tags": ["zeropage"], "schemaVersion": 38, "editable": True,
        "refresh": "30s", "time": {"from": "now-3h", "to": "now"}, "panels": panels,
        "templating": {"list": _variables()},
    }  # fmt: skip
    return json.dumps(whole, indent=1) + "\n"


def _variables() -> list[dict[str, Any]]:
    values = "label_values(zeropage_ready, namespace)"
    return [
        {"name": "datasource", "type": "datasource", "query": "prometheus"},
        {
            "name": "namespace",
            "type": "query",
            "datasource": _SOURCE,
            "query": {"query": values, "refId": "A"},
            "refresh": 2,
            "includeAll": True,
            "allValue": ".*",
            "multi": True,
            "current": {"text": "All", "value": "$__all"},
        },
    ]


def _drawn(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    drawn: dict[str, Any] = {
        "type": "timeseries", "id": number, "title": panel.title, "gridPos": place, "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + index), "expr": expression, "legendFormat": legend}
            for index, (legend, expression) in enumerate(panel.queries.items())
        ],
    }  # fmt: skip
    return drawn | ({"description": f"Needs {panel.needs}."} if panel.needs else {})


def main() -> None:
    """Write it."""
    FILE.write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()
