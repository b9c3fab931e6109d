"""Which engine reads which rung: the only place where kinds of engines are named."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from function.engines.base import Engine
from function.settings import Settings, SettingsError, wrong_value

if TYPE_CHECKING:
    from function.engines.paddle_vl.server import Server
    from function.engines.remote.address import Address
    from function.engines.remote.identity import Identity


def engines_of(settings: Settings, fast: Engine | None) -> dict[str, Engine]:
    """By the rung that they read."""
    engines = {"fast": fast or _fast_engine(settings)}
    if settings.accurate_engine != "none":
        engines["accurate"] = _accurate_engine(settings)
    return engines


def _fast_engine(settings: Settings) -> Engine:
    kinds: dict[str, Callable[[Settings], Engine]] = {
        "rapid": _rapid_engine,
        "paddle_ocr": _paddle_ocr_engine,
        "remote": partial(_remote_engine, tier="fast"),
        "stub": _stub_engine,
    }
    return kinds[settings.fast_engine](settings)


def _accurate_engine(settings: Settings) -> Engine:
    kinds: dict[str, Callable[[Settings], Engine]] = {
        "paddle_vl": _paddle_vl_engine,
        "remote": partial(_remote_engine, tier="accurate"),
        "stub": _stub_engine,
    }
    return kinds[settings.accurate_engine](settings)


def _rapid_engine(settings: Settings) -> Engine:
    from function.engines.rapid.engine import RapidEngine

    return RapidEngine(
        runtime=settings.runtime,
        precision=settings.precision,
        threads=settings.threads,
        weights=settings.weights,
        compiled=settings.compiled,
    )


def check_engines(settings: Settings) -> None:
    """What can be told of engines without loading any. Raises SettingsError."""
    if settings.accurate_engine == "paddle_vl":
        vl_server(settings)
    if "remote" in (settings.fast_engine, settings.accurate_engine):
        _address(settings)
        _identity(settings)


def _paddle_ocr_engine(settings: Settings) -> Engine:
    from function.engines.paddle_ocr.engine import PaddleOcrEngine
    from function.engines.rapid.cpu import available_cpus

    return PaddleOcrEngine(
        weights=settings.weights,
        detection=settings.paddle_detection,
        recognition=settings.paddle_recognition,
        runtime=settings.paddle_runtime,
        device=settings.paddle_device,
        threads=settings.threads or available_cpus(),
        cache=settings.paddle_cache,
    )


def _paddle_vl_engine(settings: Settings) -> Engine:
    from function.engines.paddle_vl.engine import PaddleVLEngine

    return PaddleVLEngine(
        weights=settings.weights,
        version=settings.vl_pipeline,
        backend=settings.vl_backend,
        server=vl_server(settings),
        layout=settings.vl_layout,
        device=settings.vl_device,
        batch=settings.vl_batch,
        parallel=settings.vl_parallel,
        max_tokens=settings.vl_max_tokens,
        page_seconds=settings.vl_page_seconds,
        recycle_pages=settings.vl_recycle_pages,
        recycle_bytes=settings.vl_recycle_bytes,
        threads=settings.threads,
        cache=settings.paddle_cache,
    )


def vl_server(settings: Settings) -> Server | None:
    """Where PaddleOCR-VL's language model is, if it is not here."""
    from function.engines.paddle_vl.models import NAMES
    from function.engines.paddle_vl.server import Server

    if not settings.vl_backend.endswith("-server"):
        return None
    if not settings.vl_server_url.startswith(("http://", "https://")):
        raise wrong_value(
            "OCR_VL_SERVER_URL",
            settings.vl_server_url,
            f"with OCR_VL_BACKEND={settings.vl_backend} it is the address of that server, such as "
            "http://127.0.0.1:8000/v1",
        )
    return Server(
        url=settings.vl_server_url,
        model=settings.vl_server_model or NAMES[settings.vl_pipeline].language,
        key=_first_line("OCR_VL_SERVER_KEY_FILE", settings.vl_server_key_file),
    )


def _first_line(variable: str, path: str) -> str:
    """Of a file that holds a secret; nothing where there is none."""
    try:
        lines = Path(path).read_text(encoding="utf-8").split() if path else []
    except (OSError, UnicodeDecodeError) as problem:
        raise wrong_value(variable, path, f"it cannot be read ({problem})") from problem
    return lines[0] if lines else ""


def _remote_engine(settings: Settings, *, tier: str) -> Engine:
    from function.engines.remote.engine import RemoteEngine

    return RemoteEngine(
        _address(settings),
        tier,
        identity=_identity(settings),
        key_file=settings.remote_key_file,
        authority_file=settings.remote_ca_file,
        at_once=settings.remote_parallel,
        seconds=settings.request_seconds,
    )


def _address(settings: Settings) -> Address:
    from function.engines.remote.address import address_of

    if not settings.remote_url:
        raise SettingsError(
            "OCR_REMOTE_URL is not set: an engine is `remote`, and nobody knows where that is. Set it to the address "
            "of the deployment that reads, such as http://zeropage-accurate."
        )
    try:
        return address_of(settings.remote_url)
    except ValueError as problem:
        raise wrong_value("OCR_REMOTE_URL", settings.remote_url, str(problem)) from None


def _identity(settings: Settings) -> Identity:
    from function.engines.remote.identity import LATELY, Identity, declared

    try:
        return Identity(declared(settings.remote_engine), lately=max(LATELY, 2 * settings.request_seconds))
    except ValueError as problem:
        raise wrong_value("OCR_REMOTE_ENGINE", settings.remote_engine, str(problem)) from None


def _stub_engine(_: Settings) -> Engine:
    from function.engines.stub import StubEngine

    return StubEngine()
