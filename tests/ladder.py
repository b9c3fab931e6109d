"""Who may import whom: the rules, and a reader of imports that finds who breaks them (told in ARCHITECTURE.md).

doors → wiring → story (reading/) → plugs (engines/ stores/ caches/ documents/) → values → leaves, only downwards.
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

DOOR, WIRING, STORY, PLUG, VALUE, LEAF, PACKAGE = 6, 5, 4, 3, 2, 1, 0
NAMES = {DOOR: "a door", WIRING: "the wiring", STORY: "the story", PLUG: "a plug", VALUE: "a value", LEAF: "a leaf"}

#: Longest matching prefix wins. A higher rung may import a lower one.
RUNGS = {
    "function.__main__": DOOR,
    "function.gunicorn_conf": DOOR,
    "function.doors": DOOR,
    "events.__main__": DOOR,
    "warmup.__main__": DOOR,
    "bench": DOOR,
    "function.wiring": WIRING,
    "function.cache_settings": WIRING,
    "function.event_settings": WIRING,
    "function.hook_tokens": WIRING,
    "function.rungs": WIRING,
    "function.waking": WIRING,
    "function.roles": WIRING,
    "function.reading": STORY,
    "function.engines": PLUG,
    "function.stores": PLUG,
    "function.caches": PLUG,
    "function.documents": PLUG,
    "function.settings": VALUE,
    "function.setting_values": VALUE,
    "function.spelling": VALUE,
    "function.glyphs": VALUE,
    "function.page": VALUE,
    "function.url_input": VALUE,
    "function.api_keys": VALUE,
    "function.event_tokens": VALUE,
    "function.results": VALUE,
    "function.errors": LEAF,
    "function.release": LEAF,
    "function.client": LEAF,
    "function.heap": LEAF,
    "function.telemetry": LEAF,
    "function.web": LEAF,
    "events": LEAF,
    "warmup": LEAF,
    "knative": LEAF,
    "function": PACKAGE,
}

#: In these rooms each file or folder beside `base` is a kind of its own; `documents` is one kind in several files.
ROOMS_OF_KINDS = ("function.engines", "function.stores", "function.caches")
#: What the kinds of a room share: the seam, what engines ask of their pages, and how PaddleOCR is imported.
PARTS_OF_A_ROOM = ("base", "intake", "paddlex")

#: One third-party library lives behind one file or folder.
LIBRARIES = {
    "flask": ("function.doors",),
    "werkzeug": ("function.doors",),
    "gunicorn": ("function.doors", "function.gunicorn_conf"),
    "prometheus_client": ("function.telemetry",),
    "opentelemetry": ("function.telemetry.traces",),
    "pynvml": ("function.telemetry.gpu",),
    "cloudevents": ("events",),
    "pika": ("function.doors.rabbitmq",),  # RabbitMQ's queues
    "urllib3": ("events", "warmup"),  # connections to the sink, the senders, the sources of weights
    "boto3": ("function.stores.s3", "function.doors.demo"),  # the demo uploads as anybody would
    "botocore": ("function.stores.s3", "function.doors.demo"),
    "moto": ("function.doors.demo",),  # the demo's own S3
    "redis": ("function.caches.redis",),
    "pypdfium2": ("function.documents",),
    "pikepdf": ("function.documents",),
    "docx": ("function.results.docx",),
    "fontTools": ("function.documents.glyphless_maker",),  # run by whoever changes the font, and installed by him
    "PIL": ("function.documents", "warmup.pages.make"),
    "openvino": ("function.engines.rapid",),
    "onnxruntime": ("function.engines.rapid",),
    "pyclipper": ("function.engines.rapid",),
    "rapidocr": ("function.engines.rapid",),
    "paddle": ("function.engines.paddlex", "function.engines.paddle_ocr", "function.engines.paddle_vl"),
    "paddleocr": ("function.engines.paddlex", "function.engines.paddle_ocr", "function.engines.paddle_vl"),
    "paddlex": ("function.engines.paddlex", "function.engines.paddle_ocr", "function.engines.paddle_vl"),
    "openai": ("function.engines.paddle_vl",),  # paddlex's client of servers, whose errors are ours to tell
    "torch": ("function.engines.paddle_vl",),
    "transformers": ("function.engines.paddle_vl",),
    "yaml": ("function.engines.paddle_ocr",),  # paddlex's own, for its configurations
    "numpy": (
        "function.documents",
        "function.engines",
        "function.glyphs",
        "function.page",
        "function.reading",
        "warmup.pages.make",
    ),
    "cv2": ("function.engines", "function.reading"),
    "msgspec": ("function", "warmup"),
}
#: These set variables for their library before they import it, for it takes them from nowhere else; they read none.
SETS_FOR_A_LIBRARY = ("function.engines.paddlex",)
#: Measuring tools meet other people's readers; they may import anything.
FREE = ("bench", "tests")

MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_MEDIAN_FILE_LINES = 400, 50, 120
OURS = ("function", "events", "warmup", "bench", "knative")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module or name, fully qualified, where it stands."""

    target: str
    line: int


def modules(root: Path, tops: Iterable[str] = OURS) -> Iterator[tuple[str, Path]]:
    """Every module of ours with its dotted name."""
    for top in tops:
        for path in sorted((root / top).rglob("*.py")):
            parts = list(path.relative_to(root).with_suffix("").parts)
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(tree: ast.AST, module: str, *, package: bool = False) -> Iterator[Import]:
    """Every import, wherever it stands: late ones and those for types count too, and `import_module("…")`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (Import(alias.name, node.lineno) for alias in names)
            case ast.ImportFrom(module=name, names=names, level=level):
                parts = module.split(".")
                above = ".".join(parts[: len(parts) - level + package]) if level else ""
                origin = ".".join(part for part in (above, name) if part)
                yield from (Import(f"{origin}.{alias.name}", node.lineno) for alias in names)
            case ast.Call(func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"), args=[first, *_]):
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield Import(first.value, node.lineno)
            case _:
                pass


def within(name: str, prefix: str) -> bool:
    """Whether a dotted name is `prefix` or lies below it."""
    return name == prefix or name.startswith(prefix + ".")


def rung(name: str) -> int:
    """How high a module stands."""
    return RUNGS[max((prefix for prefix in RUNGS if within(name, prefix)), key=len)]


def _room(name: str) -> str:
    """`function.engines`; `events` and `warmup` are a room each."""
    return ".".join(name.split(".")[: 2 if within(name, "function") else 1])


def _kind(name: str) -> str:
    """The plug that a module belongs to: `function.engines.rapid`, or `function.documents` as a whole."""
    depth = 3 if _room(name) in ROOMS_OF_KINDS else 2
    return ".".join(name.split(".")[:depth])


def wrong_step(module: str, target: str) -> str | None:
    """Why `module` may not import `target`, both ours; None where it may."""
    here, there = rung(module), rung(target)
    if there == PACKAGE or within(module, "bench"):
        return None
    if there > here:
        return f"{NAMES[here]} imports {NAMES[there]}: only downwards"
    if within(target, "function.settings") and here < WIRING and not within(module, "function.settings"):
        return "parts get plain values, never the settings"
    if here == there == LEAF and _room(module) != _room(target):
        return "a leaf imports nothing of ours"
    if there == PLUG:
        return _wrong_plug(module, target)
    return None


def _wrong_plug(module: str, target: str) -> str | None:
    """Why `module` may not know this part of a plug: outside its room a plug is its base, and the wiring's choice."""
    here, part = rung(module), [*target.split("."), ""][2]
    if (
        here == PLUG
        and _kind(module) != _kind(target)
        and not (_room(module) == _room(target) and part in PARTS_OF_A_ROOM)
    ):
        return "no plug imports another"
    if here == STORY and part != "base":
        return "the story sees plugs through their base only"
    if here == DOOR and part != "base":
        return "only wiring/ names concrete kinds"
    return None


def wrong_library(module: str, target: str) -> str | None:
    """Why a third-party library may not be imported here; None where it may."""
    library = target.split(".", 1)[0]
    if library in sys.stdlib_module_names or any(within(module, free) for free in FREE):
        return None
    if library not in LIBRARIES:
        return f"{library} has no home yet: add it to LIBRARIES in tests/ladder.py, and say so in ARCHITECTURE.md"
    if not any(within(module, home) for home in LIBRARIES[library]):
        return f"{library} lives in {', '.join(LIBRARIES[library])}"
    return None


def complaints(module: str, source: str, *, package: bool = False) -> list[str]:
    """Everything that is wrong in one file, a line each."""
    tree = ast.parse(source)
    found = []
    for item in imports(tree, module, package=package):
        if item.target.split(".", 1)[0] in OURS:
            problem = wrong_step(module, item.target)
        elif within(item.target, "tests"):
            problem = "the program imports its tests"
        else:
            problem = wrong_library(module, item.target)
        if problem:
            found.append(f"{module}:{item.line} imports {item.target}: {problem}")
    found += [
        f"{module}:{line} reads the environment: settings/__init__.py alone does"
        for line in environment_reads(tree, module)
    ]
    found += [f"{module}:{line} {name} has {length} lines" for name, line, length in long_functions(tree)]
    if (lines := source.count("\n")) > MAX_FILE_LINES:
        found.append(f"{module} has {lines} lines, more than {MAX_FILE_LINES}")
    return found


def environment_reads(tree: ast.AST, module: str) -> Iterator[int]:
    """Lines that touch os.environ or its friends, outside settings."""
    if module in ("function.settings", *SETS_FOR_A_LIBRARY):
        return
    words = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, value=ast.Name(id="os")) if name in words:
                yield node.lineno
            case ast.ImportFrom(module="os", names=names) if words & {alias.name for alias in names}:
                yield node.lineno
            case _:
                pass


def long_functions(tree: ast.AST) -> Iterator[tuple[str, int, int]]:
    """Functions over the limit: name, line, length without the docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node) is not None:
                first = node.body[0]
                length -= (first.end_lineno or first.lineno) - first.lineno + 1
            if length > MAX_FUNCTION_LINES:
                yield node.name, node.lineno, length


def median_file_lines(root: Path) -> float:
    """Of the program's files, empty rooms left out."""
    sizes = [path.read_text(encoding="utf-8").count("\n") for _, path in modules(root)]
    return statistics.median(size for size in sizes if size > 5)
