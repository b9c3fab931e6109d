"""`python -m warmup …`: `fetch` fills a volume with weights, `verify` and `preload` read it; `report` draws starts.

Exit codes: 0 done, 2 usage, 70 something must be mended, 75 try again later, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from function.errors import OcrError, Outage, SourceGone, StoreDenied
from function.settings import Settings, SettingsError
from warmup import lockfile, stamp
from warmup.errors import WarmupError, WeightsError
from warmup.preload import READERS, preload
from warmup.progress import Progress
from warmup.sources import FolderSource, Opened, Source, SourceError, Stream
from warmup.verify import Verdict, expected, fetch_again, present, verify
from warmup.volume import plain
from warmup.weights import WeightFile

if TYPE_CHECKING:
    from function.stores.base import Location, Store
    from warmup.download import Arrived

TIERS = ("fast", "accurate")
EXIT_USAGE, EXIT_FAILED, EXIT_INTERRUPTED = 2, 70, 130
ENDS = "Exit status: 0 done, 2 usage, 70 something must be mended, 75 try again later, 130 interrupted."


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    if arguments[:1] == ["report"]:
        from warmup.report import main as report

        return report(arguments[1:])
    options = _parser().parse_args(arguments)
    commands: dict[str, Callable[[argparse.Namespace], int]] = {"fetch": _fetch, "verify": _verify, "preload": _preload}
    try:
        return commands[options.command](options)
    except (WarmupError, OcrError) as problem:
        sys.stderr.write(f"{problem}\n")
        return problem.exit_code
    except SettingsError as problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our list has read enough
        return 0


def _fetch(options: argparse.Namespace) -> int:
    from warmup.download import Patience
    from warmup.fetch import Fetch, Told

    progress = Progress(sys.stderr)

    def arrived(file: Arrived) -> None:
        progress.one_less()
        resumed = f", of which {file.resumed:,} were here already" if file.resumed else ""
        progress.say(f"{file.file.path}: {file.size:,} bytes from {file.address}{resumed}", sys.stdout)

    def begins(files: Sequence[WeightFile]) -> None:
        sizes = [file.size for file in files]
        progress.begin(len(files), None if None in sizes else sum(size or 0 for size in sizes))

    fetch = Fetch(
        options.folder,
        _tiers(options),
        _source(options.source),
        record=options.lock is not None,
        shared_lock=Path(options.lock) if options.lock else None,
        jobs=options.jobs,
        patience=Patience(tries=options.tries),
        told=Told(begins=begins, progress=progress.add, arrived=arrived, say=progress.say),
    )
    try:
        done = fetch.run()
    finally:
        progress.end()
    for path in done.locked:
        sys.stdout.write(f"{path}: its hash was not known; recorded as it came in {options.folder / lockfile.NAME}\n")
    sys.stdout.write(f"{len(done.arrived)} fetched, {done.kept} there already: {options.folder} is complete\n")
    if done.unknown:
        sys.stderr.write(
            f"{_files(len(done.unknown))} could not be checked, because nobody has told their hashes; `--lock` records "
            "those of the files that are here now, so that later changes are found.\n"
        )
    return 0


def _verify(options: argparse.Namespace) -> int:
    folder, tiers = _place(options)
    began = time.perf_counter()
    verdicts = verify(folder, expected(folder, tiers), _told)
    seconds = time.perf_counter() - began
    problems = [verdict.problem for verdict in verdicts if verdict.problem]
    if problems:
        raise WeightsError(problems, fetch_again(folder, tiers))
    read = sum(verdict.bytes for verdict in verdicts)
    sys.stdout.write(f"{_files(len(verdicts))} right, {_speed(read, seconds)}\n")
    try:
        stamp.write(folder, {verdict.file.path: verdict.seen for verdict in verdicts if verdict.seen})
    except OSError as problem:
        sys.stderr.write(f"No stamp could be written to {folder} ({plain(problem)}): each start reads all of it.\n")
    unknown = [verdict.file.path for verdict in verdicts if verdict.file.sha256 is None]
    if unknown and options.strict:
        sys.stderr.write(
            f"The hashes of {_files(len(unknown))} are not known (--strict). Record them with `python -m warmup fetch "
            f"--lock --to {folder}`.\n"
        )
        return EXIT_FAILED
    return 0


def _told(verdict: Verdict) -> None:
    if verdict.problem:
        sys.stdout.write(f"WRONG    {verdict.problem}\n")
    else:
        size = verdict.seen.size if verdict.seen else 0
        sys.stdout.write(f"{'right' if verdict.file.sha256 else 'no hash':8} {verdict.file.path}: {size:,} bytes\n")


def _preload(options: argparse.Namespace) -> int:
    folder, tiers = _place(options)
    done = preload([folder / file.path for file in expected(folder, tiers)], options.readers)
    sys.stdout.write(f"{_speed(done.bytes, done.seconds)}\n")
    return 0


def _files(count: int) -> str:
    return f"{count} file{'s' * (count != 1)}"


def _speed(count: int, seconds: float) -> str:
    return f"{count / 1e6:,.1f} MB read in {seconds:.2f} s ({count / 1e6 / max(seconds, 1e-9):,.0f} MB/s)"


def _tiers(options: argparse.Namespace) -> list[str]:
    tiers = [*options.tier, *options.model] or ["all"]
    return list(dict.fromkeys(name for tier in tiers for name in (TIERS if tier == "all" else (tier,))))


def _place(options: argparse.Namespace) -> tuple[Path, list[str]]:
    """The folder, and whose weights in it: by default those of the tiers that were fetched."""
    named = options.folder or Settings.from_environment().weights
    if not named:
        raise SettingsError("No folder of weights is named. Give it with --in, or set OCR_WEIGHTS.")
    folder = Path(named)
    if options.tier or options.model:
        return folder, _tiers(options)
    here, absent = present(folder, TIERS)
    for tier in absent:
        sys.stderr.write(f"Nothing of the {tier} tier lies in {folder}: passed over. `--tier {tier}` would not.\n")
    return folder, here


def _source(where: str) -> Source:
    if where.startswith(("s3://", "file://")):
        from function.wiring import open_store

        return _StoreSource(*open_store(Settings.from_environment(), "--from", where))
    if where and not where.startswith(("http://", "https://")):
        if not Path(where).is_dir():
            raise SettingsError(f"--from: {where} is no folder, and no address that begins with https:// or s3://.")
        return FolderSource(Path(where))
    from warmup.sources_http import HttpSource

    return HttpSource(where)


class _StoreSource:
    """A bucket, or what stands for one, that holds the files at the paths of a volume. It begins again at byte 0."""

    def __init__(self, store: Store, place: Location) -> None:
        self._store, self._place = store, place

    def addresses(self, file: WeightFile) -> Sequence[str]:
        return [f"s3://{self._place.bucket}/{self._place.key(file.path)}"]

    def open(self, address: str, offset: int, validator: str) -> Opened:
        key = address.removeprefix(f"s3://{self._place.bucket}/")
        try:
            body = self._store.get(self._place.bucket, key, max_bytes=sys.maxsize)
        except SourceGone as problem:
            raise SourceError("there is no such object", later=False) from problem
        except OcrError as problem:
            raise _of_store(problem) from problem
        return Opened(_StoreBody(body), 0, body.head.size, "")


class _StoreBody:
    """An object's bytes, whose errors are those of a source."""

    def __init__(self, body: Stream) -> None:
        self._body = body

    def read(self, size: int, /) -> bytes:
        try:
            return self._body.read(size)
        except OcrError as problem:
            raise _of_store(problem) from problem

    def close(self) -> None:
        self._body.close()


def _of_store(problem: OcrError) -> SourceError:
    later = isinstance(problem, Outage) and not isinstance(problem, StoreDenied)
    return SourceError(problem.detail, later=later)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m warmup", description="Weights on a volume, and cold starts.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, short: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=short, description=f"{short[0].upper()}{short[1:]}.", epilog=ENDS)

    fetch = add("fetch", "download what is missing or wrong in a folder of weights")
    fetch.add_argument("--to", dest="folder", type=Path, required=True, metavar="DIR", help="what becomes OCR_WEIGHTS")
    _add_tiers(fetch, "all")
    fetch.add_argument(
        "--from", dest="source", default="", metavar="WHERE",
        help="a filled folder, s3://bucket/prefix or https://mirror with its files (default: where they are published)",
    )  # fmt: skip
    fetch.add_argument(
        "--lock", nargs="?", const="", metavar="FILE",
        help="record hashes that nobody knows, beside the weights and in FILE; those in FILE count",
    )  # fmt: skip
    fetch.add_argument("--jobs", type=_count, default=4, metavar="N", help="files at once (4)")
    fetch.add_argument("--tries", type=_count, default=6, metavar="N", help="of a source, without progress (6)")
    check = add("verify", "compare sizes and hashes with the manifest, and stamp what is right")
    _add_folder(check)
    check.add_argument("--strict", action="store_true", help="fail where no hash is known")
    ahead = add("preload", "read weights into the page cache, and tell how fast the disk was")
    _add_folder(ahead)
    ahead.add_argument("--readers", type=_count, default=READERS, metavar="N", help=f"at once ({READERS})")
    commands.add_parser("report", help="draw cold starts, two side by side", add_help=False)
    return parser


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--in", dest="folder", type=Path, metavar="DIR", help="of the weights (default: OCR_WEIGHTS)")
    _add_tiers(parser, "those of which something is there")


def _add_tiers(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--tier",
        action="append",
        default=[],
        choices=[*TIERS, "all"],
        help=f"whose weights; may be repeated ({default})",
    )
    parser.add_argument(
        "--model", action="append", default=[], metavar="NAME", help="a model of weights.toml instead; may be repeated"
    )


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
