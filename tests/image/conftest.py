"""The cpu image, built for real by buildah: no daemon, no registry; what did not change is not built again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, missing
from tests.server import Server

#: Kept between runs, as buildah's layers are: a build of unchanged locks takes seconds.
KEPT = ROOT / "build" / "image"


@dataclass(frozen=True)
class Image:
    """A built image, mounted.

    Attributes:
        root: its file system.
        config: its OCI configuration (User, Env, Entrypoint, Cmd, Labels …).
        config_file: the same, for tests.image.container.
        builder: buildah, with its options.
        name: of the image in buildah's storage.
    """

    root: Path
    config: dict[str, Any]
    config_file: Path
    builder: str
    name: str

    def command(self, *arguments: str) -> list[str]:
        """What runs it, with these instead of the image's CMD."""
        return [sys.executable, "-m", "tests.image.container", str(self.root), str(self.config_file), *arguments]

    def serve(self, **settings: str) -> Server:
        """The function as the image starts it; in a `with`."""
        return Server(settings, command=self.command())

    def path(self, inside: str) -> Path:
        """Where a path of the image lies here."""
        return self.root / inside.lstrip("/")


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Built once a session."""
    for tool in ("buildah", "debootstrap"):
        if not shutil.which(tool):
            missing(tool, f"apt-get install --no-install-recommends buildah debootstrap ({tool} builds the image)")
    if os.geteuid() != 0:
        missing("root", "buildah without a runtime, debootstrap and mounts need it: run these tests as root")
    builder = _builder()
    _forget_other_locks(builder)
    base = _base(builder)
    name = "localhost/zeropage-test:cpu"
    script = ROOT / "knative" / "image" / "build.sh"
    _run([str(script), "cpu"], BUILDER=builder, CPU_BASE=base, IMAGE=name.rpartition(":")[0], TAG="cpu", LAYERS="false")
    told = json.loads(_run([*builder.split(), "inspect", "--type", "image", name]))
    config = told["OCIv1"]["config"]
    config_file = tmp_path_factory.mktemp("image") / "config.json"
    config_file.write_text(json.dumps(config), encoding="utf-8")
    container = _run([*builder.split(), "from", "--pull-never", name]).strip()
    try:
        root = Path(_run([*builder.split(), "mount", container]).strip())
        yield Image(root, config, config_file, builder, name)
    finally:
        _run([*builder.split(), "rm", container])


def _builder() -> str:
    """Buildah over our own folder; files are copied layer by layer (vfs) where the kernel refuses overlays."""
    refused = ""
    for driver in ("overlay", "vfs"):
        builder = f"buildah --root {KEPT / driver} --runroot {KEPT / driver}.run --storage-driver {driver}"
        try:
            container = _run([*builder.split(), "from", "scratch"]).strip()
            _run([*builder.split(), "mount", container])
            _run([*builder.split(), "rm", container])
        except AssertionError as problem:
            refused = str(problem)
        else:
            return builder
    raise AssertionError(refused)


def _forget_other_locks(builder: str) -> None:
    """Half a gigabyte of layers is worth keeping only while the next build will use it."""
    stamp = KEPT / "made-of"
    files = [ROOT / name for name in ("Dockerfile", "knative/image/slim.py", "requirements/cpu.txt")]
    made_of = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") != made_of:
        _run([*builder.split(), "rmi", "--prune"])
    stamp.write_text(made_of, encoding="ascii")


def _base(builder: str) -> str:
    """Debian with its Python, made again when the script that makes it changes."""
    script = ROOT / "knative" / "image" / "debian-base.sh"
    name = f"localhost/zeropage-base:{hashlib.sha256(script.read_bytes()).hexdigest()[:12]}"
    known = subprocess.run([*builder.split(), "inspect", "--type", "image", name], capture_output=True, check=False)
    if known.returncode != 0:
        _run([str(script), name], BUILDAH=builder)
    return name


def _run(command: list[str], **variables: str) -> str:
    """Its output; an assertion that shows both streams where it fails."""
    given = [f"{name}={value}" for name, value in variables.items()]
    done = subprocess.run(
        ["/usr/bin/env", *given, *command], cwd=ROOT, capture_output=True, text=True, timeout=3000, check=False
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout
