"""Settings: PaddleOCR-VL, where it reads the accurate rung."""

from __future__ import annotations

from typing import Annotated, Literal

from function.setting_values import GIB
from function.settings.about import about
from function.settings.paddle_ocr import PaddleOcr


class Vision(PaddleOcr, frozen=True, kw_only=True):
    """PaddleOCR-VL, where it reads the accurate rung."""

    vl_backend: Annotated[
        Literal["native", "transformers", "vllm-server", "sglang-server", "fastdeploy-server"],
        about(
            "OCR_VL_BACKEND",
            "what runs PaddleOCR-VL: Paddle in this process, a block at a time; transformers in this process, in "
            "batches; or a server, which batches the blocks of all pages",
        ),
    ] = "native"
    vl_pipeline: Annotated[
        Literal["v1", "v1.5", "v1.6"],
        about("OCR_VL_PIPELINE", "which PaddleOCR-VL, and the layout model with it"),
    ] = "v1.6"
    vl_server_url: Annotated[
        str, about("OCR_VL_SERVER_URL", "where the server of OCR_VL_BACKEND answers, such as http://127.0.0.1:8000/v1")
    ] = ""
    vl_server_model: Annotated[
        str, about("OCR_VL_SERVER_MODEL", "what that server calls the model; empty takes PaddleOCR's own name for it")
    ] = ""
    vl_server_key_file: Annotated[
        str, about("OCR_VL_SERVER_KEY_FILE", "file with the key that the server wants, if it wants one")
    ] = ""
    vl_layout: Annotated[
        Literal["auto", "onnxruntime", "paddle"],
        about(
            "OCR_VL_LAYOUT",
            "what runs the layout model; auto takes ONNX Runtime where OCR_WEIGHTS holds the model in its format",
        ),
    ] = "auto"
    vl_device: Annotated[
        str,
        about("OCR_VL_DEVICE", "where this process runs models: cpu, gpu:0, …; empty takes a GPU if there is one"),
    ] = ""
    vl_batch: Annotated[
        int, about("OCR_VL_BATCH", "blocks that transformers reads at once", unit="blocks", ge=1, le=256)
    ] = 8
    vl_parallel: Annotated[
        int, about("OCR_VL_PARALLEL", "pages sent to a server at once, block by block", unit="pages", ge=1, le=256)
    ] = 16
    vl_max_tokens: Annotated[
        int, about("OCR_VL_MAX_TOKENS", "longest text of one block; more is cut and marked", unit="tokens", ge=16)
    ] = 4096
    vl_page_seconds: Annotated[
        float,
        about(
            "OCR_VL_PAGE_SECONDS",
            "longest reading of a page: in this process it is cut and marked then; a server's is an outage",
            unit="s",
            ge=1,
        ),
    ] = 180.0
    vl_recycle_pages: Annotated[
        int,
        about("OCR_VL_RECYCLE_PAGES", "pages after which the models are loaded anew; 0 never", unit="pages", ge=0),
    ] = 5000
    vl_recycle_bytes: Annotated[
        int,
        about(
            "OCR_VL_RECYCLE_BYTES",
            "growth of the process since its models were loaded, after which they are loaded anew; 0 never",
            unit="bytes",
            ge=0,
        ),
    ] = 4 * GIB
    paddle_cache: Annotated[
        str,
        about("OCR_PADDLE_CACHE", "folder that paddlex may write to; empty takes one in the system's temporary folder"),
    ] = ""
