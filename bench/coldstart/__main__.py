"""`python -m bench.coldstart`: start everything several times, in turn, print the table and draw it."""

from __future__ import annotations

import argparse
import compileall
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.coldstart import page_cache
from bench.coldstart.chart import chart
from bench.coldstart.report import table, verdicts
from bench.coldstart.starts import Start, Way, start
from bench.coldstart.ways import page_of_engine, ways
from warmup import expected

_ROOT = Path(__file__).resolve().parents[2]
_PEERS = _ROOT / "build" / "peers"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write `coldstart.md`, `.json` and `.svg`."""
    options = _options(arguments)
    chosen = ways(options.warm_up, compiled=options.compiled)
    if options.peers:
        from bench.coldstart.peers import peers

        chosen += peers(_PEERS)
    chosen = [way for way in chosen if not options.only or any(word in way.name for word in options.only)]
    for name in ("function", "events", "warmup", "bench"):
        # As in the image, and as any second start finds it; pip did the same for everybody's packages.
        compileall.compile_dir(_ROOT / name, quiet=1)
    chance = random.Random(options.seed)
    rounds = []
    for number in range(options.rounds + 1):
        starts = _round(chosen, chance, following=options.following, cold=(number + 1) % options.cold_every == 0)
        told = ", ".join(f"{one.way} ({one.cache}) {one.ready:.2f}" for one in starts)
        print(f"round {number}/{options.rounds}{' (uncounted)' if not number else ''}, s: {told}", file=sys.stderr)
        rounds.append(starts)
        if number:
            _write(rounds[1:], options.out)  # a run that is cut short has told all that it found
    print(_report(rounds[1:]))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.coldstart", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds; one more goes before (5)")
    parser.add_argument("--only", action="append", default=[], metavar="WORD", help="only ways whose name holds it")
    parser.add_argument("--peers", action="store_true", help="install other people's services in build/peers, too")
    parser.add_argument("--compiled", default="", metavar="FOLDER", help="OCR_COMPILED for our starts")
    parser.add_argument("--cold-every", type=int, default=5, metavar="N", help="cold page cache each Nth round (5)")
    parser.add_argument("--following", type=int, default=3, metavar="N", help="warm answers after each first (3)")
    parser.add_argument(
        "--warm-up", type=Path, action="append", default=[], metavar="FILE", help="what the script reads at its start"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the order of the starts")
    parser.add_argument("--out", type=Path, default=Path("out/coldstart"))
    options = parser.parse_args(arguments)
    options.warm_up = options.warm_up or [expected.PRINTED / f"{page_of_engine()}.pdf"]
    return options


def _round(chosen: Sequence[Way], chance: random.Random, *, following: int, cold: bool) -> list[Start]:
    """Every way once, in random order; where it is the cold one's turn, once more with an evicted page cache."""
    starts = [
        start(way, cache="warm", following=following if way.name.startswith("ours") else 0)
        for way in chance.sample(chosen, len(chosen))
    ]
    for way in chance.sample(chosen, len(chosen)) if cold else ():
        page_cache.evict([*page_cache.ours(), _PEERS])
        starts.append(start(way, cache="cold", following=0))
    return starts


def _report(rounds: Sequence[Sequence[Start]]) -> str:
    return f"# Cold start\n\n{len(rounds)} rounds in random order.\n\n{table(rounds)}\n\n{verdicts(rounds)}\n"


def _write(rounds: Sequence[Sequence[Start]], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "coldstart.md").write_text(_report(rounds), encoding="utf-8")
    (out / "coldstart.json").write_text(json.dumps([[asdict(one) for one in starts] for starts in rounds], indent=1))
    (out / "coldstart.svg").write_text(chart([one for starts in rounds for one in starts]), encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
