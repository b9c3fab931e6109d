"""Debian's Tesseract over pictures, a process a page, as its users call it; spoken to as `raw_loop`.

Several at once have a thread each, which reads more pages than letting each have all processors.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


def main() -> None:
    """Say so once it can be run, then answer requests until standard input ends."""
    subprocess.run(["tesseract", "--version"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print("{}", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(_run([Path(file) for file in request["files"]], int(request["batch"]))), flush=True)


def _run(files: list[Path], at_once: int) -> dict[str, Any]:
    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        read = list(pool.map(lambda file: _read(file, alone=at_once == 1), files))
    seconds = time.perf_counter() - began
    texts = {file.name: text for file, (text, _) in zip(files, read, strict=True)}
    return {"pages": len(read), "seconds": seconds, "texts": texts, "latencies": [taken for _, taken in read]}


def _read(file: Path, *, alone: bool) -> tuple[str, float]:
    began = time.perf_counter()
    threads = [] if alone else ["OMP_THREAD_LIMIT=1"]
    command = ["/usr/bin/env", *threads, "tesseract", str(file), "stdout", "-l", "eng"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return said, time.perf_counter() - began


if __name__ == "__main__":
    main()
