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
            "which doors are open: parse, jobs, events, hooks, deadletter, by commas; or a role: all, front (jobs, "
            "hooks; and parse where an engine is `remote`), reader (parse, events)",
        ),
    ] = "all"
