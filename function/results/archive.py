"""Writes a result as a ZIP: its Markdown, and beside it, in a folder, what was cut out of the pages."""

from __future__ import annotations

import io
import zipfile

from function.results.model import DocumentResult

FOLDER = "figures"
#: ZIP knows no earlier day; one that never changes keeps equal results equal.
_DAY = (1980, 1, 1, 0, 0, 0)


def document_archive(result: DocumentResult) -> bytes:
    """The ZIP; the Markdown is `document.md`, and refers to figures/NAME."""
    images = {image.name: image.data for page in result.pages for image in page.images or ()}
    markdown = result.markdown
    for name in images:
        markdown = markdown.replace(f"]({name})", f"]({FOLDER}/{name})")
        markdown = markdown.replace(f'<img src="{name}"', f'<img src="{FOLDER}/{name}"')
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry("document.md", zipfile.ZIP_DEFLATED), markdown)
        for name, data in images.items():
            if not {"/", "\\", ".."} & {*name, name}:  # such a name could leave the folder
                archive.writestr(_entry(f"{FOLDER}/{name}", zipfile.ZIP_STORED), data)
    return out.getvalue()


def _entry(name: str, how: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type = how
    entry.external_attr = 0o644 << 16
    return entry
