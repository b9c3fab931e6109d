"""A result as it is written: page by page into files, so that its bytes are never all in memory beside its objects.

Small ones stay in memory. The others lie in files without names in the folder for temporary files, so they go with the
process, however that ends.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from typing import IO

import msgspec
from msgspec import structs

from function.errors import NotReady
from function.results.markdown import PARTED_BY, markdown_part
from function.results.model import DocumentResult
from function.stores.base import Content

#: Bytes of each of the files that may stay in memory.
_IN_MEMORY = 1 << 20
#: As the encoder writes a result that has neither; no text can hold it, since quotes in texts are escaped.
_EMPTY = b'"pages":[],"markdown":""'


class ResultFile:
    """NAME.json and NAME.md, growing; use it in a `with`.

    Args:
        shell: the result as far as it is known before its pages: `document` and `engine`.

    Every method raises NotReady where there is no room on disk.
    """

    def __init__(self, shell: DocumentResult) -> None:
        self._json, self._markdown, self._escaped = _file(), _file(), _file()
        self._any_page = self._any_text = False
        _write(self._json, _around_pages(shell)[0] + b'"pages":[')

    @classmethod
    def of(cls, result: DocumentResult) -> ResultFile:
        """One with every page of a result that is there already."""
        file = cls(result)
        for page in result.pages:
            file.add(msgspec.json.encode(page), [markdown_part(page)])
        return file

    def add(self, pages: bytes, markdown: Iterable[str]) -> None:
        """The next pages.

        Args:
            pages: in JSON, with commas between them.
            markdown: of each, by `results.markdown.markdown_part`.
        """
        _write(self._json, b"," + pages if self._any_page else pages)
        self._any_page = True
        for part in filter(None, markdown):
            text = PARTED_BY + part if self._any_text else part
            self._any_text = True
            _write(self._markdown, text.encode())
            _write(self._escaped, msgspec.json.encode(text)[1:-1])

    def finished(self, result: DocumentResult) -> Content:
        """NAME.json; to be called once, after the last page.

        Args:
            result: all that stands besides pages and Markdown; those that it has do not count.
        """
        self._end_text()
        _write(self._json, b'],"markdown":"')
        self._escaped.seek(0)
        try:
            shutil.copyfileobj(self._escaped, self._json)
        except OSError as problem:
            raise _no_room(problem) from problem
        _write(self._json, b'"' + _around_pages(result)[1])
        return _content(self._json)

    def markdown(self) -> Content:
        """NAME.md, after the last page."""
        self._end_text()
        return _content(self._markdown)

    def close(self) -> None:
        """Forget all of it."""
        for file in (self._json, self._markdown, self._escaped):
            file.close()

    def __enter__(self) -> ResultFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end_text(self) -> None:
        if self._any_text:
            self._any_text = False
            _write(self._markdown, b"\n")
            _write(self._escaped, rb"\n")


def _around_pages(result: DocumentResult) -> tuple[bytes, bytes]:
    """What stands before the pages, and behind the Markdown."""
    shell = msgspec.json.encode(structs.replace(result, pages=[], markdown=""))
    before, _, behind = shell.partition(_EMPTY)
    return before, behind


def _file() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)


def _content(file: IO[bytes]) -> Content:
    size = file.tell()
    file.seek(0)
    return file.read() if size <= _IN_MEMORY else file


def _write(file: IO[bytes], data: bytes) -> None:
    try:
        file.write(data)
    except OSError as problem:
        raise _no_room(problem) from problem


def _no_room(problem: OSError) -> NotReady:
    return NotReady(
        f"there is no room in the folder for temporary files to write a result: {problem.strerror}",
        remedy="Give the function's volume of temporary files (TMPDIR) room for a few results, or try again later.",
    )
