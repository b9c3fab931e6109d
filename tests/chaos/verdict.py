"""The judgement at the end: every upload has one right result or one recorded refusal, and there is nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import requests

from tests.chaos.uploads import Uploaded
from tests.chaos.world import World
from tests.delivery.kills import reply_ids

_READ, _REFUSED = ("json", "md"), ("error.json",)
#: The archive of dead letters is for people.
_DEAD_LETTERS, _JOBS, _PARTS = ".zeropage/deadletters/", ".zeropage/jobs/", ".zeropage/parts/"


def unanswered(world: World, uploads: Sequence[Uploaded]) -> list[str]:
    """Uploads for which neither a result nor a refusal of their last version stands."""
    return [each.name for each in uploads if not each.refused and not _answered(world, each)]


def findings(world: World, uploads: Sequence[Uploaded], *, cleaned: bool) -> Iterator[str]:
    """What is not as it must be, a line each; jobs that are over keep their records until somebody cleans."""
    known = (_DEAD_LETTERS,) if cleaned else (_DEAD_LETTERS, _JOBS)
    standing = set(_keys(world))
    for each in uploads:
        if each.refused:
            if each.document.expect == "text":
                yield f"a job with a good document was refused with {each.refused}"
            continue
        endings = tuple(ending for ending in (*_READ, *_REFUSED) if f"{each.name}.{ending}" in standing)
        standing -= {f"{each.name}.{ending}" for ending in endings}
        yield from _about(world, each, endings)
    yield from (
        f"{key} stands in the results, and nobody knows why" for key in sorted(standing) if not key.startswith(known)
    )
    for version, ids in reply_ids(world.broker.entered).items():
        parsed = {event.id for event in world.broker.entered if event.id in ids and event.type.endswith("parsed")}
        if len(parsed) > 1:
            yield f"version {version} was told of under {len(parsed)} ids"
    yield from (f"the broker lost {event.type} of {event.subject}" for event in world.broker.lost)


def left_over(world: World) -> bool:
    """Whether parts stand that nobody waits for: a killed server's last PUT may come late."""
    return any(_PARTS in key for key in _keys(world))


def jobs(world: World, uploads: Sequence[Uploaded]) -> Iterator[str]:
    """What a job's caller is told that does not fit."""
    for each in uploads:
        if not each.job:
            continue
        told = requests.get(f"{world.url}{each.job}", timeout=30).json()
        wanted = {"text": {"done"}, "refused": {"refused"}, "either": {"done", "refused"}}[each.document.expect]
        if told.get("state") not in wanted:
            yield f"the job of {each.name} is told as {told.get('state')} instead of {sorted(wanted)}"


def _about(world: World, each: Uploaded, endings: tuple[str, ...]) -> Iterator[str]:
    allowed: dict[str, set[tuple[str, ...]]] = {
        "text": {_READ}, "refused": {_REFUSED}, "either": {_READ, _REFUSED},
    }  # fmt: skip
    if endings not in allowed[each.document.expect]:
        why = f": {_why(world, each)}" if endings == _REFUSED else ""
        yield f"{each.name} ({each.document.expect}) has {list(endings)}{why}"
        return
    if endings == _REFUSED:
        if each.document.because not in (why := _why(world, each)):
            yield f"{each.name} was refused for something else than {each.document.because}: {why}"
        return
    main, metadata = _object(world, f"{each.name}.json")
    markdown, beside = _object(world, f"{each.name}.md")
    read = json.loads(main)
    if each.document.expect == "text" and not read["markdown"] == markdown.decode() == each.document.text:
        yield f"{each.name} reads {read['markdown']!r} instead of {each.document.text!r}"
    if not read["id"] == metadata["ocr-id"] == beside["ocr-id"]:
        yield f"{each.name}: result and Markdown are not of one reading"
    if each.version and metadata["ocr-source-version"] != each.version:
        yield f"{each.name} is about another version"
    if not each.former and (count := _written(world, f"{each.name}.json")) != 1:
        yield f"{each.name}.json was written {count} times"


def _answered(world: World, each: Uploaded) -> bool:
    standing = _keys(world, f"{each.name}.")
    for ending in ("json", "error.json"):
        if f"{each.name}.{ending}" in standing:
            metadata = _object(world, f"{each.name}.{ending}")[1]
            if not each.version or metadata.get("ocr-source-version") == each.version:
                return True
    return False


def _why(world: World, each: Uploaded) -> str:
    told = json.loads(_object(world, f"{each.name}.error.json")[0])
    return f"{told.get('status')} {told.get('detail')}"


def _keys(world: World, prefix: str = "") -> list[str]:
    pages = world.s3.s3.get_paginator("list_objects_v2").paginate(Bucket=world.results, Prefix=f"out/{prefix}")
    return [entry["Key"].removeprefix("out/") for page in pages for entry in page.get("Contents", ())]


def _object(world: World, key: str) -> tuple[bytes, dict[str, Any]]:
    answer = world.s3.s3.get_object(Bucket=world.results, Key=f"out/{key}")
    with answer["Body"] as body:
        return body.read(), answer["Metadata"]


def _written(world: World, key: str) -> int:
    answer = world.s3.s3.list_object_versions(Bucket=world.results, Prefix=f"out/{key}")
    return len(answer.get("Versions", ())) + len(answer.get("DeleteMarkers", ()))
