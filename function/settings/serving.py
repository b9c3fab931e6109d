"""Settings: how the process serves: addresses, doors, keys."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct

from function.settings.about import about


class Serving(Struct, frozen=True, kw_only=True):
    """How the process serves: addresses, doors, keys."""

    port: Annotated[int, about("PORT", "where HTTP is served", ge=0, le=65535)] = 8080
    host: Annotated[str, about("OCR_HOST", "address that is listened on; 127.0.0.1 is for this machine alone")] = (
        "0.0.0.0"  # noqa: S104 - a pod is reached by its own address
    )
    knative_service: Annotated[str, about("K_SERVICE", "the Service's name; Knative sets it")] = ""
    api_keys_file: Annotated[
        str, about("OCR_API_KEYS_FILE", "file of API keys, made by `python -m function key`; empty asks for none")
    ] = ""
    doors: Annotated[
        str,
        about(
            "OCR_DOORS",
            "which doors are open: parse, paddlex, jobs, events, hooks, deadletter, by commas; or a role: all, front "
            "(jobs, hooks; parse and paddlex, too, where an engine is `remote`), reader (parse, paddlex, events)",
        ),
    ] = "all"
    url_input: Annotated[
        str,
        about(
            "OCR_URL_INPUT",
            "hosts from which PaddleX's clients may have documents fetched, by commas: example.com, *.example.com, and "
            "private:minio.storage:9000 where its address is private; empty: none",
        ),
    ] = ""
