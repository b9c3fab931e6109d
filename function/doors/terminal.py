"""One file read for a person at a terminal: progress while it lasts, then the result or the remedy."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from msgspec.structs import replace

from function.documents.base import Source
from function.doors.watching import write_whole
from function.errors import EXIT_DONE, BadRequest, OcrError, Unexpected
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.searchable import written
from function.results.model import DocumentResult
from function.results.remarks import remarks
from function.results.writers import WRITERS
from function.wiring import Function

#: These are no text, and would only upset a terminal.
_BINARY = frozenset(("zip", "docx", "pdf"))
#: A person at a terminal may stop us any time; a deadline would only be in the way.
_NO_DEADLINE = 365 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where results and progress go.

    Attributes:
        form: one of WRITERS.
        folder: results become NAME.EXT.SUFFIX there; None prints them.
        several: whether more than one file is read: text is then headed by each file's name, and JSON is one object a
            line (NDJSON), as programs read it.
        places: where each file's result stands below `folder`, without its suffix; by its own name unless told.
        failed: hears of each file that could not be read.
    """

    form: str
    folder: Path | None
    several: bool
    places: Mapping[str, str] = field(default_factory=dict)
    failed: Callable[[Path, OcrError], None] | None = None

    def check(self) -> None:
        """Find out before reading what would lose a result. Raises BadRequest."""
        if self.folder is None:
            if self.form in _BINARY and (self.several or sys.stdout.isatty()):
                raise BadRequest(
                    f"--format {self.form} is no text to be printed",
                    remedy="Name a folder with --output, or send one to a file.",
                )
        elif self.folder.exists() and not self.folder.is_dir():
            raise BadRequest(f"--output {self.folder} is no folder", remedy="Name a folder.")

    def read(self, function: Function, name: str, options: Options) -> int:
        """Read one file; returns its exit code."""
        try:
            with function.take_file(name) as source:
                result = self._named(name, self._result(function, name, source, options))
                self._write(name, written(WRITERS[self.form], result, function.reader.opener, source))
        except OcrError as problem:
            self._progress("")
            self.complain(name, problem)
            if self.failed is not None:
                self.failed(Path(name), problem)
            return problem.exit_code
        for remark in remarks(result):
            self._tell(f"{name}: {remark}")
        return EXIT_DONE

    def complain(self, name: str, problem: OcrError) -> None:
        """Say on stderr what went wrong and what to do."""
        told = f"{problem.detail}. {problem.remedy}"
        if not isinstance(problem, BadRequest):  # whose title speaks of a request, and here is none
            told = f"{problem.title}: {told}"
        self._tell(told if name and told.startswith(name) else f"{name or 'error'}: {told}")

    def _result(self, function: Function, name: str, source: Source, options: Options) -> DocumentResult:
        begun = time.monotonic()

        def progress(done: int, total: int) -> None:
            self._progress(f"{name}: {done} of {total} pages, {time.monotonic() - begun:.0f} s")

        caller = Caller(_NO_DEADLINE, degrade=True, progress=progress)
        for item in function.reader.stream(source, options, caller):
            if isinstance(item, DocumentResult):
                self._progress("")
                return item
        raise AssertionError("a stream ends with its result")

    def _named(self, name: str, result: DocumentResult) -> DocumentResult:
        """Of several that are printed each bears its path: two folders may hold files of one name."""
        if not self.several or self.folder is not None:
            return result
        return replace(result, document=replace(result.document, name=name))

    def _write(self, name: str, data: bytes) -> None:
        data = self._shown(data)
        if self.folder is not None:
            target = self.folder / f"{self._place(name)}.{WRITERS[self.form].ending}"
            try:
                write_whole(target, data)
            except OSError as problem:
                raise Unexpected(
                    f"--output: {target} cannot be written: {problem.strerror}",
                    remedy="Name a folder that may be written.",
                ) from problem
            self._tell(f"{name} -> {target}")
            return
        if self.form in _BINARY:
            sys.stdout.buffer.write(data)
        else:
            headed, text = self.several and self.form != "json", data.decode().rstrip("\n")
            sys.stdout.write((f"==> {name} <==\n" if headed else "") + text + ("\n\n" if headed else "\n"))
        sys.stdout.flush()

    def _place(self, name: str) -> str:
        return self.places.get(name, Path(name).name)

    def _shown(self, data: bytes) -> bytes:
        """JSON as people read it, unless lines are parted by it."""
        as_lines = self.form != "json" or (self.several and self.folder is None)
        return data if as_lines else msgspec.json.format(data, indent=2)

    def _progress(self, words: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{words}")
            sys.stderr.flush()

    def _tell(self, words: str) -> None:
        sys.stderr.write(f"{words}\n")
