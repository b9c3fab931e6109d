"""What an image weighs, layer by layer, and what weighs most in each.

    docker save IMAGE | python3 layers.py -        podman save IMAGE | …        buildah push IMAGE docker-archive:FILE

Two sizes of a layer: unpacked, as on a node's disk, and compressed (gzip), as it travels there.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
import tempfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any


@dataclass
class Layer:
    """One layer: the instruction that made it, bytes unpacked and as gzip, bytes of the parts in it."""

    made_by: str
    unpacked: int = 0
    compressed: int = 0
    parts: Counter[str] = field(default_factory=Counter)


def layers(archive: Path) -> list[Layer]:
    """Of a docker-archive, from the base upwards.

    Raises:
        KeyError: it is no such archive.
    """
    with tarfile.open(archive) as tar:
        manifest = json.load(_member(tar, "manifest.json"))[0]
        history = json.load(_member(tar, manifest["Config"])).get("history", [])
        makers = [_instruction(entry) for entry in history if not entry.get("empty_layer")]
        names = manifest["Layers"]
        makers = ["(base image)"] * (len(names) - len(makers)) + makers[-len(names) :]
        return [_weigh(_member(tar, name), maker) for name, maker in zip(names, makers, strict=True)]


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    member = tar.getmember(name)
    if member.issym():  # podman and docker store a layer that occurs twice once
        member = tar.getmember(str(Path(name).parent / member.linkname).replace("../", ""))
    file = tar.extractfile(member)
    if file is None:
        raise KeyError(name)
    return file


def _instruction(entry: dict[str, Any]) -> str:
    made: str = entry.get("created_by", "").replace("/bin/sh -c", "").replace("#(nop)", "")
    return " ".join(re.sub(r"dir:\w+ in|--from=\w+", "", made).split()) or "(base image)"


def _weigh(file: IO[bytes], maker: str) -> Layer:
    layer = Layer(maker)
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    while chunk := file.read(1 << 20):
        layer.compressed += len(packer.compress(chunk))
    layer.compressed += len(packer.flush())
    file.seek(0)
    with tarfile.open(fileobj=file) as content:
        for member in content:
            layer.unpacked += member.size
            layer.parts[_part(member.name)] += member.size
    return layer


def _part(name: str) -> str:
    """The package that a file belongs to, or the first two folders of its path."""
    before, site, after = name.partition("/site-packages/")
    return after.split("/")[0] if site else "/".join(before.removeprefix("./").split("/")[:2])


def table(found: list[Layer], parts: int = 12) -> str:
    """As Markdown, in megabytes of 10^6 bytes; what was compressed when it came is counted as if it were not."""
    rows = ["| Layer | unpacked MB | compressed MB | heaviest in it (MB) |", "|---|---|---|---|"]
    for layer in found:
        heavy = ", ".join(f"{name} {size / 1e6:.0f}" for name, size in layer.parts.most_common(parts) if size >= 1e6)
        made = layer.made_by if len(layer.made_by) <= 60 else layer.made_by[:57] + "…"
        rows.append(f"| `{made}` | {layer.unpacked / 1e6:.1f} | {layer.compressed / 1e6:.1f} | {heavy} |")
    whole = [sum(layer.unpacked for layer in found) / 1e6, sum(layer.compressed for layer in found) / 1e6]
    rows.append(f"| all | {whole[0]:.1f} | {whole[1]:.1f} | |")
    return "\n".join(rows)


def main(source: str) -> None:
    """Print the table of an archive, or of the one on standard input."""
    if source != "-":
        print(table(layers(Path(source))))
        return
    with tempfile.NamedTemporaryFile(suffix=".tar") as spool:
        while chunk := sys.stdin.buffer.read(1 << 20):
            spool.write(chunk)
        spool.flush()
        print(table(layers(Path(spool.name))))


if __name__ == "__main__":
    main(sys.argv[1])
