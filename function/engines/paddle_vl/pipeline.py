"""paddleocr's PaddleOCRVL, built from the folders that were found and from nothing else."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from function.engines.paddle_vl import reins
from function.engines.paddle_vl.models import ORIENTATION, UNWARPING, Models, Version
from function.engines.paddle_vl.server import ReinedClient, Server
from function.engines.paddlex import free_memory, import_paddleocr
from function.errors import EngineFailed


class Pipeline:
    """One PaddleOCRVL, loaded.

    Args:
        models: where its weights are.
        version: of the pipeline.
        backend: as OCR_VL_BACKEND names it.
        device: of what runs in this process; empty: paddlex chooses.
        batch: blocks that transformers reads at once.
        server: of a backend that is one.
        threads: of ONNX Runtime.
        cache: folder that paddlex may write to.

    Raises:
        EngineFailed: it cannot be built; says why.
    """

    def __init__(
        self,
        models: Models,
        version: Version,
        backend: str,
        *,
        device: str = "",
        batch: int = 8,
        server: Server | None = None,
        threads: int = 0,
        cache: str = "",
    ) -> None:
        paddleocr = import_paddleocr(cache)
        self._one_thread: ThreadPoolExecutor | None = None
        self._turns, self._unwarps = models.orientation is not None, models.unwarping is not None
        try:
            self._pipeline: Any = paddleocr.PaddleOCRVL(
                pipeline_version=version,
                paddlex_config=_config(models, backend, batch, threads),
                layout_detection_model_dir=str(models.layout),
                vl_rec_model_dir=str(models.language) if models.language else None,
                vl_rec_backend=backend if server else "native",
                vl_rec_server_url=server.url if server else None,
                vl_rec_max_concurrency=server.most if server else None,
                vl_rec_api_model_name=server.model if server else None,
                vl_rec_api_key=(server.key or None) if server else None,
                use_queues=False,
                device=device or None,
            )
        except Exception as problem:
            raise EngineFailed(f"PaddleOCR-VL cannot be loaded: {type(problem).__name__}: {problem}") from problem
        self._inner: Any = self._pipeline.paddlex_pipeline._pipeline
        self._harness(self._inner.vl_rec_model, backend, server)
        if server is not None and models.layout_by == "paddle":
            self._own_predictors()

    def _harness(self, predictor: Any, backend: str, server: Server | None) -> None:
        if server is not None:
            predictor._genai_client = ReinedClient(predictor._genai_client, server.url)
            reins.harness(predictor)
        elif backend == "transformers":
            reins.harness_transformers(predictor)
        else:
            reins.harness_paddle(predictor)

    def _own_predictors(self) -> None:
        """Let one thread alone call Paddle's predictors: shared, they give one caller another's boxes."""
        self._one_thread = thread = ThreadPoolExecutor(1, thread_name_prefix="layout")
        self._inner.layout_det_model = _InThread(self._inner.layout_det_model, thread)
        if self._turns or self._unwarps:
            self._inner.doc_preprocessor_pipeline = _InThread(self._inner.doc_preprocessor_pipeline, thread)

    def read(
        self, pages: list[Any], *, whole: bool = True, use_doc_unwarping: bool = False, **arguments: Any
    ) -> list[Any]:
        """Read pages (h × w × 3, BGR); the pipeline's own result of each, in order.

        Args:
            pages: or parts of them.
            whole: they are no parts: turned upright where the model for that is there.
            use_doc_unwarping: flatten them, where the model for that is there.
            arguments: of PaddleOCRVL.predict.

        Without paddlex's queues: they would read in threads of their own, which neither Paddle's predictors nor our
        reins bear, cost half a second a call, and overlap only finding the layout with reading; pages are drawn
        elsewhere, and with a server other pages' blocks fill that gap.
        """
        prepared = {
            "use_doc_orientation_classify": whole and self._turns,
            "use_doc_unwarping": whole and use_doc_unwarping and self._unwarps,
        }
        return list(self._pipeline.predict_iter(pages, use_queues=False, **prepared, **arguments))

    def close(self) -> None:
        """Give memory and connections back; paddleocr's own `close` ends at a wrapper that hands it on to nobody."""
        self._inner.close()
        self._pipeline = self._inner = None
        if self._one_thread is not None:
            self._one_thread.shutdown()
        free_memory()


class _InThread:
    """Stands in for one of the pipeline's predictors, and calls it in a thread of its own."""

    def __init__(self, predictor: Any, thread: ThreadPoolExecutor) -> None:
        self._predictor, self._thread = predictor, thread

    def __call__(self, *arguments: Any, **named: Any) -> list[Any]:
        return self._thread.submit(lambda: list(self._predictor(*arguments, **named))).result()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._predictor, name)


def _config(models: Models, backend: str, batch: int, threads: int) -> dict[str, Any]:
    """Paddlex's own settings of the pipeline, with what paddleocr offers no argument for."""
    from paddlex.inference import load_pipeline_config

    config: dict[str, Any] = copy.deepcopy(dict(load_pipeline_config(models.names.pipeline)))
    layout, language = config["SubModules"]["LayoutDetection"], config["SubModules"]["VLRecognition"]
    layout.update(_engine(models, threads))
    if models.orientation or models.unwarping:
        config["use_doc_preprocessor"] = True
        config["SubPipelines"]["DocPreprocessor"] = _preparation(models, threads)
    if backend == "transformers":
        language["engine"], language["batch_size"] = "transformers", batch
    elif backend == "native":
        language["engine"] = "paddle_dynamic"
    return config


def _engine(models: Models, threads: int) -> dict[str, Any]:
    """What runs a model of this process."""
    if models.layout_by == "paddle":
        return {"engine": "paddle_static"}
    return {
        "engine": "onnxruntime",
        "engine_config": {"onnxruntime": {"intra_op_num_threads": threads} if threads else {}},
    }


def _preparation(models: Models, threads: int) -> dict[str, Any]:
    """Paddlex's pipeline that turns and flattens pages, with what there is for it."""
    parts = {
        "DocOrientationClassify": ("doc_text_orientation", ORIENTATION, models.orientation),
        "DocUnwarping": ("image_unwarping", UNWARPING, models.unwarping),
    }
    return {
        "pipeline_name": "doc_preprocessor",
        "use_doc_orientation_classify": models.orientation is not None,
        "use_doc_unwarping": models.unwarping is not None,
        "SubModules": {
            part: {"module_name": module, "model_name": name, "model_dir": str(folder), **_engine(models, threads)}
            for part, (module, name, folder) in parts.items()
            if folder is not None
        },
    }
