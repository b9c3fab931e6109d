"""The rungs of this function's start and what each stands on; part of the wiring, so kinds are named here.

weights_verified ─► weights_read ─┐
                      libraries ──┴─► engine_load ─┐
                                   render_child ───┼─► warmup_page ─► ready
                       vlm_server (with a server) ─┘
                                   cache (Redis alone) ───────────────► ready
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from function.cache_settings import is_redis
from function.documents.sources import from_stream
from function.errors import EngineFailed
from function.reading.caller import Caller
from function.reading.rehearsal import rehearse
from function.settings import Settings
from warmup.rungs import Rung

if TYPE_CHECKING:
    from function.documents.base import Opener
    from function.reading.queue.batcher import Batcher
    from function.reading.reader import Reader
    from warmup.expected import WarmupPage
    from warmup.verify import Checked

log = logging.getLogger(__name__)

#: Wrong characters by characters for an engine that arranges a page as it sees fit, and may take a line for a header or
#: a picture. Weights that are mixed up, or a server with another model, get nearly all wrong.
_MOST_ARRANGED = 0.5
_STUB_TEXT = "The stub wakes up."
_OWN_MODELS = " Models of your own need a weights.toml beside them that lists them, or OCR_VERIFY_WEIGHTS=off."


def rungs(settings: Settings, reader: Reader, opener: Opener, *, warm_up: bool) -> list[Rung]:
    """Everything that is to be done before the first document; nothing where no document is read.

    Args:
        settings: which engines, which weights.
        reader: whose engines are loaded.
        opener: whose children are started.
        warm_up: read the warm-up pages, too; a terminal's single document is not worth it.
    """
    if not reader.batchers:
        return []
    found = [Rung("render_child", lambda: opener.start(wait=True))]
    if reader.remembered is not None and is_redis(settings):  # its library takes as long as a page
        found.append(Rung("cache", reader.remembered.cache.start))
    before: tuple[str, ...] = ()
    tiers, brought = _tiers(settings), _paddle_ocr_models(settings)
    if tiers or brought:
        weights = _Weights(settings, tiers, brought)
        found = [
            Rung("weights_verified", weights.verify),
            Rung("weights_read", weights.read, after=["weights_verified"]),
            Rung("libraries", partial(_import_libraries, settings)),
            *found,
        ]
        before = ("weights_read", "libraries")
    for tier, batcher in reader.batchers.items():
        load, read = f"engine_load.{tier}", f"warmup_page.{tier}"
        found.append(Rung(load, partial(_load, batcher), after=before))
        if warm_up and _kinds(settings)[tier] != "remote":  # reading there would wake what shall sleep
            page = partial(_page, settings, _kinds(settings)[tier])
            after = [load, "render_child"]
            if tier == "accurate" and (waiting := _vlm_server(settings)):
                found.append(waiting)
                after.append(waiting.name)
            found.append(Rung(read, partial(_read, page, reader, opener, batcher), after=after))
    return found


def _vlm_server(settings: Settings) -> Rung | None:
    """The model behind a server loads beside everything here; a rung, so that the report tells who waited for whom."""
    if settings.accurate_engine != "paddle_vl" or not settings.vl_backend.endswith("-server"):
        return None
    return Rung("vlm_server", partial(_wait_for_server, settings))


def _wait_for_server(settings: Settings) -> Mapping[str, float]:
    from function.engines.paddle_vl.waiting import wait_for
    from function.wiring.engines import vl_server

    server = vl_server(settings)
    assert server is not None, "a server's backend has a server"
    return wait_for(server)


def _kinds(settings: Settings) -> dict[str, str]:
    """The kind of engine by the rung that it reads."""
    return {"fast": settings.fast_engine, "accurate": settings.accurate_engine}


def _tiers(settings: Settings) -> tuple[str, ...]:
    """Whose files, by the manifest's names, are verified and read ahead."""
    fast = ("fast",) if "rapid" in _kinds(settings).values() else ()
    if settings.accurate_engine != "paddle_vl" or not settings.weights:
        return fast
    from function.engines.paddle_vl.models import NAMES, find_models

    try:
        models = find_models(
            settings.weights, settings.vl_pipeline, backend=settings.vl_backend, layout=settings.vl_layout
        )
    except EngineFailed:  # told again, with everything that is missing, by whoever verifies
        names = NAMES[settings.vl_pipeline]
        return (*fast, names.layout if settings.vl_backend.endswith("-server") else names.pipeline)
    # The language model's entry in the manifest names its layout model itself.
    return (*fast, (models.language or models.layout).name)


def _paddle_ocr_models(settings: Settings) -> tuple[str, ...]:
    """Folders of the models of paddle_ocr; people bring other languages, so the manifest may not list them."""
    if settings.fast_engine != "paddle_ocr":
        return ()
    from function.engines.paddle_ocr.models import find

    try:
        models = find(settings.weights, settings.paddle_detection, settings.paddle_recognition, settings.paddle_runtime)
    except EngineFailed:  # told again by the engine, with the file that is missing
        return ()
    return tuple(model.folder.name for model in (models.detection, models.recognition, models.orientation) if model)


class _Weights:
    """The weights of the engines that settings name: looked at once, then read into the page cache.

    Args:
        settings: where they lie, how they are verified.
        tiers: tiers and models that the manifest lists.
        brought: models that it may list.
    """

    def __init__(self, settings: Settings, tiers: tuple[str, ...], brought: tuple[str, ...]) -> None:
        self._folder, self._mode = settings.weights, settings.verify_weights
        self._named, self._brought = tiers, brought
        self._checked: Checked | None = None

    @cached_property
    def _unlisted(self) -> tuple[str, ...]:
        from warmup.weights import load_manifest

        listed = load_manifest(self._place()).models if self._brought else {}
        return tuple(name for name in self._brought if name not in listed)

    @property
    def _tiers(self) -> tuple[str, ...]:
        return (*self._named, *(name for name in self._brought if name not in self._unlisted))

    def verify(self) -> Mapping[str, float] | None:
        """Raises WeightsError naming file, expected, found and the remedy."""
        from warmup.verify import check

        if self._mode != "off" and self._unlisted:
            names = ", ".join(self._unlisted)
            log.warning("no weights.toml lists these models of paddle_ocr, so they are not verified: %s", names)
        self._checked = check(self._place(), self._tiers, self._mode, remedy=self._remedy())
        return _speed(self._checked.bytes, self._checked.seconds) if self._checked.bytes else None

    def read(self) -> Mapping[str, float] | None:
        """Into the page cache, but for those that verifying has just read."""
        left = self._unread()
        if not left:
            return None
        from warmup.preload import preload

        done = preload([path for name in left if (path := self._place() / name).is_file()])
        return _speed(done.bytes, done.seconds)

    def _unread(self) -> Sequence[str]:
        """Those of unknown hash were only looked at."""
        if self._checked is not None and self._checked.how == "full":
            return self._checked.unknown
        from warmup.verify import expected

        return [file.path for file in expected(self._place(), self._tiers)]

    def _place(self) -> Path:
        if self._folder:
            return Path(self._folder)
        from function.engines.rapid.models import find_weights

        return find_weights("").detection.parent

    def _remedy(self) -> str:
        from warmup.verify import fetch_again

        if self._folder:
            return fetch_again(Path(self._folder), self._tiers) + _OWN_MODELS
        return "Install the package `rapidocr`, which holds them, again in the version that is locked."


def _speed(count: int, seconds: float) -> Mapping[str, float]:
    return {"bytes": count, "mb_per_second": round(count / 1e6 / seconds, 1) if seconds else 0.0}


def _import_libraries(settings: Settings) -> None:
    """What the engines import when they are loaded, ahead of that: reading weights and importing use other devices."""
    kinds = _kinds(settings).values()
    if "rapid" in kinds:
        _import_rapid(settings)
    if not {"paddle_ocr", "paddle_vl"}.isdisjoint(kinds):
        from function.engines.paddlex import import_paddleocr

        import_paddleocr(settings.paddle_cache)


def _import_rapid(settings: Settings) -> None:
    from function.engines.rapid import machine  # noqa: F401 - the import is the work
    from function.engines.rapid.runtime import choose_runtime

    if choose_runtime(settings.runtime) == "openvino":
        from function.engines.rapid import runtime_openvino  # noqa: F401 - as above
    else:
        from function.engines.rapid import runtime_onnx  # noqa: F401 - as above


def _load(batcher: Batcher) -> None:
    batcher.start().result()
    # Worked out at their first use; that shall not be the first request's.
    _ = batcher.engine.info
    batcher.engine.reads("a")


def _read(page: Callable[[], WarmupPage], reader: Reader, opener: Opener, batcher: Batcher) -> Mapping[str, float]:
    """Raises WrongText naming page, expected and found."""
    known = page()
    with from_stream(io.BytesIO(known.data), known.name, max_bytes=1 << 20, spool_bytes=1 << 20) as source:
        found = rehearse(opener, batcher, source, Caller(_WARMUP_SECONDS), dpi=reader.dpi)
    return {"character_error_rate": round(known.check(found), 4)}


#: A warm-up page that takes longer will never be read: large models on slow disks take minutes at most.
_WARMUP_SECONDS = 900.0


def _page(settings: Settings, kind: str) -> WarmupPage:
    from warmup.expected import WarmupPage, beside, printed

    if kind == "stub":
        from function.engines.stub import stamp

        pixels = stamp(_STUB_TEXT, 400, 200)
        return WarmupPage("of the stub engine", b"P6 400 200 255\n" + pixels[:, :, ::-1].tobytes(), _STUB_TEXT)
    if kind == "rapid":
        from function.engines.rapid.runtime import choose_runtime

        # ONNX Runtime compiles nothing by shape; reading a whole page first would only make it wait longer.
        return printed("strip" if choose_runtime(settings.runtime) == "onnxruntime" else "page")
    if kind == "paddle_vl":
        if own := beside(Path(settings.weights)):
            return own
        return replace(printed("page"), most_errors=_MOST_ARRANGED)
    return printed("page")
