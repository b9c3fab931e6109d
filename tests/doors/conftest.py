"""The whole function behind its HTTP application, with the stub engine and real render children."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from PIL import Image

from function.doors.app import create_app
from function.engines.base import Engine
from function.engines.stub import StubEngine, stamp
from function.settings import Settings
from function.wiring import Function, build


@pytest.fixture(scope="session")
def functions() -> Iterator[Callable[..., Function]]:
    """Builds functions by settings and engine; those with equal arguments are shared, all end with the session."""
    made: dict[tuple[object, ...], Function] = {}

    def make(engine: type[Engine] | None = None, **settings: object) -> Function:
        key = (engine, *sorted(settings.items()))
        if key not in made:
            fast = engine() if engine else StubEngine()
            made[key] = build(Settings(fast_engine="stub", **settings), fast=fast)  # type: ignore[arg-type]
            made[key].start()
            made[key].wait_until_ready()
        return made[key]

    yield make
    for function in made.values():
        function.stop()


@pytest.fixture
def client(functions: Callable[..., Function]) -> FlaskClient:
    """An HTTP client of the function with default settings."""
    return create_app(functions()).test_client()


@pytest.fixture
def clients(functions: Callable[..., Function]) -> Callable[..., FlaskClient]:
    """HTTP clients of functions with other settings."""
    return lambda **settings: create_app(functions(**settings)).test_client()


def stamped_png(text: str, width: int = 400, height: int = 200) -> bytes:
    """A PNG that the stub engine reads as exactly `text`."""
    return _saved([stamp(text, width, height)], "PNG")


def stamped_tiff(*texts: str) -> bytes:
    """A TIFF of one stamped frame a text."""
    return _saved([stamp(text, 400, 200) for text in texts], "TIFF")


def _saved(pages: list, form: str) -> bytes:  # type: ignore[type-arg]
    first, *rest = [Image.fromarray(page[:, :, ::-1].copy()) for page in pages]
    data = io.BytesIO()
    several = {"save_all": True, "append_images": rest, "compression": "tiff_deflate"}
    first.save(data, form, **(several if form == "TIFF" else {}))
    return data.getvalue()
