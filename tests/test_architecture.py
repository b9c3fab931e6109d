"""The house as ARCHITECTURE.md tells it: the import ladder, small files and functions, a code map that is true."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ladder
from tests.conftest import ROOT

MODULES = list(ladder.modules(ROOT))


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_a_module_keeps_to_the_ladder_and_to_its_size(module: str, path: Path) -> None:
    """Imports go downwards, libraries stay at home, the environment is read in one place, nothing grows too long."""
    source = path.read_text(encoding="utf-8")

    assert ladder.complaints(module, source, package=path.name == "__init__.py") == []


def test_tests_are_no_longer_than_the_program_they_test() -> None:
    """A test is read as often as what it tests, so the same limits hold."""
    for module, path in ladder.modules(ROOT, ["tests"]):
        source = path.read_text(encoding="utf-8")

        assert source.count("\n") <= ladder.MAX_FILE_LINES, module
        assert list(ladder.long_functions(ast.parse(source))) == [], module


def test_most_files_are_one_idea_long() -> None:
    """The median file stays within a screen or three."""
    assert ladder.median_file_lines(ROOT) <= ladder.MAX_MEDIAN_FILE_LINES


def test_every_module_says_what_it_is_for() -> None:
    """A stranger opening any file learns its purpose from the first sentence."""
    silent = [name for name, path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]

    assert silent == []


def test_opening_the_doors_imports_no_engine() -> None:
    """A cold start answers its first probe before anything heavy is loaded."""
    heavy = ["PIL", "boto3", "cloudevents", "onnxruntime", "openvino", "pypdfium2", "rapidocr"]
    code = f"import sys, function.doors.serve; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.strip() == "[]"


def _mapped() -> set[str]:
    """The paths that stand first in a line of ARCHITECTURE's code map."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    block = re.search(r"## Code map\n.*?```text\n(.*?)```", text, re.DOTALL)
    assert block, "ARCHITECTURE.md has no code map"
    return {line.split()[0] for line in block[1].splitlines() if line.strip() and not line.startswith(" ")}


def test_what_the_code_map_names_exists() -> None:
    """No room is described that is not there."""
    assert [name for name in sorted(_mapped()) if not (ROOT / name).exists()] == []


def test_every_room_stands_on_the_code_map() -> None:
    """Each folder with code, and each file that stands in function/ itself, has its line."""
    rooms = {f"{path.parent.relative_to(ROOT)}/" for _, path in ladder.modules(ROOT)}
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "function").glob("*.py") if path.name != "__init__.py"}

    assert sorted((rooms | files) - _mapped()) == []


@pytest.mark.parametrize(
    ("module", "source", "problem"),
    [
        ("function.engines.stub", "from function.reading import batcher", "only downwards"),
        ("function.engines.stub", "def f():\n    from function.wiring import build", "only downwards"),
        ("function.results.markdown", "import function.engines.base", "only downwards"),
        ("function.results.markdown", "from function import wiring", "only downwards"),
        ("function.errors", "from function.page import Box", "only downwards"),
        ("function.engines.rapid.session", "from function.engines.stub import StubEngine", "no plug imports another"),
        ("function.engines.stub", "from function.documents.base import Document", "no plug imports another"),
        ("function.stores.s3", "import function.caches.base", "no plug imports another"),
        ("function.reading.reader", "from function.engines.rapid import RapidEngine", "base only"),
        ("function.reading.reader", "importlib.import_module('function.documents.opener')", "base only"),
        ("function.doors.http", "from function.engines.stub import StubEngine", "only wiring/ names"),
        ("function.reading.reader", "from function.settings import Settings", "plain values"),
        ("function.telemetry.logs", "from function.errors import OcrError", "a leaf imports nothing"),
        ("events.sink", "from function.errors import Outage", "a leaf imports nothing"),
        ("function.reading.reader", "import flask", "flask lives in function.doors"),
        ("function.engines.stub", "from PIL import Image", "PIL lives in"),
        ("function.reading.reader", "import openvino.properties", "openvino lives in"),
        ("function.doors.http", "import pandas", "has no home yet"),
        ("function.reading.reader", "from tests.shared import GOOD", "imports its tests"),
        ("function.reading.reader", "from ..engines.stub import StubEngine", "base only"),
        ("function.wiring", "import os\nos.environ['OCR_DPI']", "reads the environment"),
        ("function.wiring", "import os\nos.getenv('OCR_DPI')", "reads the environment"),
        ("events.sink", "from os import environ", "reads the environment"),
        ("function.page", "x = 1\n" * 401, "more than 400"),
        ("function.page", "def f():\n" + "    x = 1\n" * 50, "f has 51 lines"),
    ],
)
def test_the_ladder_catches(module: str, source: str, problem: str) -> None:
    """A checker that never complains proves nothing."""
    found = ladder.complaints(module, source)

    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("function.doors.http", "import flask\nfrom function.wiring import build\nfrom function.errors import Busy"),
        ("function.wiring", "from function.engines.rapid.engine import Rapid\nfrom function.settings import Settings"),
        ("function.reading.reader", "from function.engines.base import Engine\nimport function.documents.base"),
        ("function.engines.stub", "from function.engines.intake import require_pixels"),
        ("function.engines.rapid.engine", "from .session import load\nfrom function.engines.base import Engine"),
        ("function.documents.opener", "from function.documents.child import run\nimport pypdfium2"),
        ("function.page", "import msgspec\nimport numpy as np"),
        ("events.__main__", "from function.wiring import build"),
        ("events.sink", "from events.envelope import encode\nimport cloudevents"),
        ("bench.accuracy", "import rapidocr, pandas\nfrom function.engines.rapid.engine import RapidEngine"),
        ("function.settings", "import os\nos.environ"),
        ("function.page", "def f():\n    '''" + "Long.\n" * 60 + "    '''\n    return 1"),
    ],
)
def test_the_ladder_allows(module: str, source: str) -> None:
    """What the house is built for passes."""
    assert ladder.complaints(module, source) == []
