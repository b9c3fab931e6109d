"""Settings: another deployment of this function that reads pages for this one."""

from __future__ import annotations

from typing import Annotated

from function.settings.about import about
from function.settings.reading import Reading


class Remote(Reading, frozen=True, kw_only=True):
    """Another deployment that reads pages for this one: OCR_FAST_ENGINE or OCR_ACCURATE_ENGINE is `remote`."""

    remote_url: Annotated[
        str,
        about(
            "OCR_REMOTE_URL",
            "where the engine `remote` sends pages: another deployment of this function, such as "
            "http://zeropage-accurate or https://ocr.example.com",
        ),
    ] = ""
    remote_key_file: Annotated[
        str, about("OCR_REMOTE_KEY_FILE", "file with the API key that is shown there; empty shows none")
    ] = ""
    remote_ca_file: Annotated[
        str, about("OCR_REMOTE_CA_FILE", "authority of its certificate, PEM; empty takes those of the system")
    ] = ""
    remote_parallel: Annotated[
        int, about("OCR_REMOTE_PARALLEL", "pages that are there at once", unit="pages", ge=1, le=256)
    ] = 8
    remote_engine: Annotated[
        str,
        about(
            "OCR_REMOTE_ENGINE",
            "which engine reads there: the object `engine` of one of its answers; lets answers be found in the cache "
            "before its first answer tells, which may wake it",
        ),
    ] = ""
