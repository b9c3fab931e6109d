"""Each kind of engine, loaded once a file and worker."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from function.engines.rapid.engine import RapidEngine
from tests.conftest import missing


@pytest.fixture(scope="module", params=["openvino", "onnxruntime"])
def rapid(request: pytest.FixtureRequest) -> Iterator[RapidEngine]:
    """The fast rung on each of its runtimes."""
    if importlib.util.find_spec(request.param) is None:
        missing(request.param, "pip install the extra `cpu`")
    engine = RapidEngine(runtime=request.param, threads=2)
    engine.load()
    yield engine
    engine.close()
