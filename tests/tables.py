"""The tables of function/README.md, made from the code: `python -m tests.tables` renews them, test_docs.py compares.

Settings from function/settings/, errors from function/errors.py, metrics from function/telemetry/metrics.py.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable
from typing import Any, get_args

from events.uploads import REASONS
from function import errors, roles
from function.reading import options
from function.reading.accurate import need
from function.reading.uploads import inbox
from function.setting_values import shown
from function.settings import Description, describe
from function.telemetry.metrics import REGISTRY
from tests import ladder
from tests.conftest import ROOT


def settings() -> list[str]:
    """A row a variable, in the order of the class."""
    head = ["| Variable | Default | Unit | Meaning |", "|---|---|---|---|"]
    return head + [
        f"| `{entry.variable}` | {_default(entry)} | {entry.unit} | {entry.meaning}{_choices(entry.type)} |"
        for entry in describe()
    ]


def _default(entry: Description) -> str:
    value = entry.default
    return f"`{value}`" if isinstance(value, str) and value else shown(value, entry.unit)


def _choices(annotation: Any) -> str:
    """Of a Literal, what it may be."""
    words = get_args(get_args(annotation)[0])
    return f" ({', '.join(f'`{word}`' for word in words)})" if words else ""


def problems() -> list[str]:
    """A row for each error that this version can raise: those that some module behind a door names."""
    head = ["| Problem | HTTP | Again? | Exit code | When | What helps |", "|---|---|---|---|---|---|"]
    named = _names_used()
    kinds = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.OcrError)]
    return head + [_problem(kind) for kind in kinds if kind.__name__ in named - {"OcrError", "Refusal", "Outage"}]


def _problem(kind: type[errors.OcrError]) -> str:
    error = kind("")
    when = (kind.__doc__ or "").split(".\n", 1)[0].strip().rstrip(".")
    again = "yes" if kind.redelivered else "no"
    name = error.type.rpartition(":")[2]
    remedy = error.remedy.replace("1 s", "N s") if issubclass(kind, errors.Busy) else error.remedy
    return f"| `{name}` | {kind.status} | {again} | {kind.exit_code} | {when} | {remedy} |"


def _names_used() -> set[str]:
    """The errors that are named, outside errors.py, by anything that a door leads to."""
    paths = dict(ladder.modules(ROOT))
    seen: set[str] = set()
    ahead = [name for name in paths if ladder.within(name, "function.doors")] + ["function.documents.child"]
    named: set[str] = set()
    while ahead:
        module = ahead.pop()
        if module in seen:
            continue
        seen.add(module)
        tree = ast.parse(paths[module].read_text(encoding="utf-8"))
        for item in ladder.imports(tree, module, package=paths[module].name == "__init__.py"):
            parent, _, name = item.target.rpartition(".")
            ahead += [known for known in (item.target, parent) if known in paths and known != "function.errors"]
            if parent == "function.errors":
                named.add(name)
    return named


#: Of metrics whose name does not end in their unit.
_UNITS = {
    "zeropage_dead_letters": "events",
    "zeropage_gpu_busy_ratio": "share",
    "zeropage_ladder_degraded": "pages",
    "zeropage_ladder_doubtful": "share",
    "zeropage_ladder_formulas": "lines",
    "zeropage_ladder_height": "pixels",
    "zeropage_ladder_needs": "reasons",
    "zeropage_ladder_unread": "share",
    "zeropage_queue_deliveries": "messages",
    "zeropage_queue_reconnects": "connections",
    "zeropage_queue_redelivered": "messages",
    "zeropage_queue_unsettled": "messages",
    "zeropage_ready": "0 or 1",
    "zeropage_remote_circuit_open": "0 or 1",
    "zeropage_cache_stores": "values",
    "zeropage_slots_held": "documents",
}


def metrics() -> list[str]:
    """A row a metric; those of the process itself (memory, CPU, descriptors) are Prometheus' usual ones."""
    head = ["| Metric | Kind | Unit | Meaning |", "|---|---|---|---|"]
    families = [family for family in REGISTRY.collect() if not family.name.startswith("process_")]
    return head + [
        f"| `{_name(family)}` | {family.type} | {unit(family.name)} | {family.documentation} |" for family in families
    ]


def unit(name: str) -> str:
    """Of a metric: the last word of its name, unless that says something else."""
    return _UNITS.get(name, name.rpartition("_")[2])


def _name(family: Any) -> str:
    return f"{family.name}_total" if family.type == "counter" else str(family.name)


#: A page that shows every sign there is.
_ALL_SIGNS = need.Signs(doubtful=1.0, unread=1.0, cells=99, formulas=99, height=1.0, foreign=True)


def labels() -> list[str]:
    """A row a label: which metrics have it, and all that it can be."""
    requests = "`done`, `caller-gone` (nobody waits any more), or a problem's name in [Errors](#errors)"
    uploads = ["repeated", *(kind.__name__.lower() for kind in get_args(inbox.Outcome))]
    reading = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "function" / "reading").rglob("*.py"))
    rows = {
        ("door", "requests"): _words(roles.DOORS),
        ("outcome", "requests, documents"): requests,
        ("outcome", "uploads"): _words(uploads),
        ("outcome", "queue deliveries"): _words(["done", "ignored", "refused", "rejected", "requeued", "given-up"]),
        ("reason", "ignored events"): _words([*REASONS, "unreadable"]),
        ("tier", "documents, answers"): _words(get_args(options.Tier)),
        ("outcome", "cache lookups"): "`hit`, `miss`, `error` (no answer in time, or not ours), `resting` (not asked)",
        ("outcome", "cache stores"): "`kept`, `too-large`, `error`, `resting`",
        ("what", "retries"): _words(["document", "page"]),
        ("part", "GPU memory"): _words(["used", "total"]),
        ("rung", "pages"): _words(["text", "fast", "accurate", "error"]),
        ("sign", "ladder needs"): _words(need.Thresholds().reasons(_ALL_SIGNS)),
        ("phase", "phases of a document"): _words(dict.fromkeys(re.findall(r'\.phase\("(\w+)"\)', reading))),
    }
    head = ["| Label | Of | Values |", "|---|---|---|"]
    return head + [f"| `{label}` | {of} | {values} |" for (label, of), values in rows.items()]


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def main() -> None:
    """Put the present tables in the place of those that begin with the same row."""
    readme = ROOT / "function" / "README.md"
    text = readme.read_text(encoding="utf-8")
    for rows in (settings(), metrics(), labels(), problems()):
        there = re.search(rf"^{re.escape(rows[0])}(\n\|.*)*", text, re.MULTILINE)
        assert there, f"no table begins with {rows[0]}"
        text = text[: there.start()] + "\n".join(rows) + text[there.end() :]
    readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
