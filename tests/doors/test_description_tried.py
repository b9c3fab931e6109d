"""schemathesis asks the live function whatever its description allows, and what it does not; nothing may differ."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, openapi
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi import checks

from function.doors.app import create_app
from function.doors.description.operations import paths
from function.wiring import Function

#: Left out: that what a schema allows is accepted, for no schema says which bytes are a document.
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
    checks.ignored_auth,
]
#: Bodies that are a document's own bytes.
RAW = {"application/octet-stream", "application/pdf", "image/png", "image/jpeg", "image/tiff"}


@pytest.fixture(scope="module")
def described(functions: Callable[..., Function], tmp_path_factory: pytest.TempPathFactory) -> BaseSchema:
    """The description of a function whose doors are all open, with folders for uploads and results."""
    folder: Path = tmp_path_factory.mktemp("tried")
    for name in ("in", "out"):
        (folder / name).mkdir()
    app: Flask = create_app(functions(inbox=f"file://{folder}/in", results=f"file://{folder}/out"))
    return openapi.from_wsgi("/openapi.json", app)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
@pytest.mark.parametrize(
    ("path", "method"), [(path, method) for path, methods in paths().items() for method in methods]
)
def test_the_function_answers_as_it_is_described(
    path: str, method: str, mode: GenerationMode, described: BaseSchema
) -> None:
    """Statuses, media types, headers, schemas; wrong data and methods are refused, and nothing ends in a 500."""
    operation = described[path][method]
    statuses: list[int] = []

    @seed(1)
    @settings(max_examples=8, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: schemathesis.Case[Any]) -> None:
        # Sent as it is, JSON's null is four bytes like any others.
        assume(mode is not GenerationMode.NEGATIVE or case.media_type not in RAW)
        # Of Schemathesis Python 3.10 has 4.30, which cannot send a form that is no object.
        assume(sys.version_info >= (3, 11) or case.media_type != "multipart/form-data" or isinstance(case.body, dict))
        statuses.append(case.call_and_validate(checks=CHECKS).status_code)

    with contextlib.suppress(Unsatisfiable):  # where nothing can be wrong, there is nothing wrong to send
        asked()

    assert statuses or mode is GenerationMode.NEGATIVE
