"""Debian's Tesseract, with its defaults, told the document's language (which ours has to find by itself)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from bench.accuracy.corpus import Sample
from bench.accuracy.readers.base import Reading, Unavailable, page_images

#: Class of a document → what Debian's language packages are called (tesseract-ocr-chi-sim holds chi_sim).
_LANGUAGES = {
    "chinese": ["chi_sim"],
    "chinese-traditional": ["chi_tra"],
    "japanese": ["jpn"],
    "korean": ["kor"],
    "arabic-script": ["ara"],
    "persian": ["fas"],
    "russian": ["rus"],
    "marathi": ["mar"],
    "devanagari": ["hin"],
    "german": ["deu"],
    "fraktur": ["frk"],
    "european-languages": ["deu", "fra", "ita", "spa", "por"],
}
_HINT = "apt-get install tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-jpn (one package a language)"


class TesseractReader:
    """The `tesseract` command, one call a page."""

    name = "tesseract"
    kept = True

    def __init__(self, *, dpi: float, page_seconds: float = 120.0) -> None:
        self._dpi = dpi
        self._page_seconds = page_seconds

    @property
    def version(self) -> str:
        """Version, language packages, dpi."""
        program = shutil.which("tesseract")
        if program is None:
            raise Unavailable(f"no tesseract on the path: {_HINT}")
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        return f"{told.split()[1]} ({' '.join(sorted(self._installed))}) {self._dpi:g} dpi"

    def start(self) -> None:
        """Nothing to load: every call loads anew, and that time counts as it does for its users."""

    def read(self, sample: Sample, pages: int) -> Reading:
        """Decode or draw each page, then one call each."""
        started = time.perf_counter()
        languages = self._languages(sample.classes)
        try:
            with tempfile.TemporaryDirectory() as folder:
                texts = [self._page(image, languages, folder) for image in self._images(sample, pages, folder)]
        except (OSError, subprocess.SubprocessError, ValueError, RuntimeError) as problem:
            return Reading([], time.perf_counter() - started, error=f"{type(problem).__name__}: {problem}")
        return Reading(texts, time.perf_counter() - started)

    def close(self) -> None:
        """Nothing to give back."""

    @cached_property
    def _installed(self) -> set[str]:
        listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True)
        return set(listed.stdout.split("\n")[1:]) - {"", "osd"}

    def _languages(self, classes: Iterable[str]) -> str:
        wanted = [language for name in classes for language in _LANGUAGES.get(name, [])]
        return "+".join([language for language in [*wanted, "eng"] if language in self._installed])

    def _images(self, sample: Sample, pages: int, folder: str) -> list[Path]:
        images = page_images(sample.path, self._dpi, pages)
        if len(images) == 1 and sample.path.suffix.lower() != ".pdf":
            return [sample.path]
        paths = [Path(folder, f"{number}.png") for number, _ in enumerate(images)]
        for image, path in zip(images, paths, strict=True):
            image.save(path, dpi=(self._dpi, self._dpi), compress_level=1)
        return paths

    def _page(self, image: Path, languages: str, folder: str) -> str:
        command = ["tesseract", str(image), "stdout", "-l", languages]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=folder,
            timeout=self._page_seconds,
            check=True,
        )
        return done.stdout.replace("\f", "\n")
