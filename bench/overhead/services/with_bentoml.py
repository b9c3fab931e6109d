"""BentoML with one worker. `bentoml serve with_bentoml:Reader`."""

from __future__ import annotations

from typing import Any

import bentoml  # type: ignore[import-not-found] # in an environment of its own
from PIL import Image


@bentoml.service(workers=1)
class Reader:
    """Decode the upload, read nothing."""

    @bentoml.api(route="/read")  # type: ignore[untyped-decorator]
    def read(self, file: Image.Image) -> dict[str, Any]:
        """Its size instead of its text."""
        width, height = file.convert("RGB").size
        return {"text": f"pixels {width} x {height}"}
