"""paddleocr's PaddleOCRVL, built from the folders that were found and from nothing else."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from function.engines.paddle_vl import reins
from function.engines.paddle_vl.models import Models, Version
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
        self._layout_thread: ThreadPoolExecutor | None = None
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
            self._own_layout(self._inner)

    def _harness(self, predictor: Any, backend: str, server: Server | None) -> None:
        if server is not None:
            predictor._genai_client = ReinedClient(predictor._genai_client, server.url)
            reins.harness(predictor)
        elif backend == "transformers":
            reins.harness_transformers(predictor)
        else:
            reins.harness_paddle(predictor)

    def _own_layout(self, pipeline: Any) -> None:
        """Let one thread alone call Paddle's predictor: shared, it gives one caller another's boxes."""
        self._layout_thread = thread = ThreadPoolExecutor(1, thread_name_prefix="layout")
        model = pipeline.layout_det_model

        class OneThread:
            batch_sampler = model.batch_sampler

            def __call__(self, *arguments: Any, **named: Any) -> list[Any]:
                return thread.submit(lambda: list(model(*arguments, **named))).result()

        pipeline.layout_det_model = OneThread()

    def read(self, pages: list[Any], **arguments: Any) -> list[Any]:
        """Read pages (h × w × 3, BGR); the pipeline's own result of each, in order.

        Without paddlex's queues: they would read in threads of their own, which neither Paddle's predictors nor our
        reins bear, cost half a second a call, and overlap only finding the layout with reading; pages are drawn
        elsewhere, and with a server other pages' blocks fill that gap.
        """
        return list(self._pipeline.predict_iter(pages, use_queues=False, **arguments))

    def close(self) -> None:
        """Give memory and connections back; paddleocr's own `close` ends at a wrapper that hands it on to nobody."""
        self._inner.close()
        self._pipeline = self._inner = None
        if self._layout_thread is not None:
            self._layout_thread.shutdown()
        free_memory()


def _config(models: Models, backend: str, batch: int, threads: int) -> dict[str, Any]:
    """Paddlex's own settings of the pipeline, with what paddleocr offers no argument for."""
    from paddlex.inference import load_pipeline_config

    config: dict[str, Any] = copy.deepcopy(dict(load_pipeline_config(models.names.pipeline)))
    layout, language = config["SubModules"]["LayoutDetection"], config["SubModules"]["VLRecognition"]
    if models.layout_by == "onnxruntime":
        layout["engine"] = "onnxruntime"
        layout["engine_config"] = {"onnxruntime": {"intra_op_num_threads": threads} if threads else {}}
    else:
        layout["engine"] = "paddle_static"
    if backend == "transformers":
        language["engine"], language["batch_size"] = "transformers", batch
    elif backend == "native":
        language["engine"] = "paddle_dynamic"
    return config
