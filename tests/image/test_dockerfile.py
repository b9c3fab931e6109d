"""The Dockerfile's rules, which no build would check; the gpu stages above all, which few machines can build."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.image.dockerfile import complaints, parse, reaches

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8")
ARGUMENTS, STAGES = parse(TEXT)
NAMED = {stage.name: stage for stage in STAGES}


def test_the_dockerfile_keeps_the_rules() -> None:
    """Bases are arguments, users numbers, programs start without a shell; what is copied is there."""
    assert complaints(TEXT, ROOT, IGNORED) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("FROM ${CPU_BASE} AS base", "FROM python:3.11-slim AS base", "pin it by digest"),
        ("CPU_BASE=python:3.11-slim\n", "CPU_BASE=python:latest\n", "names no version"),
        ("CPU_BASE=python:3.11-slim\n", "CPU_BASE=python\n", "names no version"),
        ("USER 65532:65532", "USER app", "no numeric user"),
        ("USER 65532:65532", "USER 0:0", "other than root"),
        ('CMD ["serve"]', "CMD serve", "puts a shell"),
        ('ENTRYPOINT ["python", "-m", "function"]', "ENTRYPOINT exec python -m function", "puts a shell"),
        ("EXPOSE 8080", "HEALTHCHECK CMD true", "HEALTHCHECK"),
        ("EXPOSE 8080", "RUN true", "RUN in a final stage"),
        ("EXPOSE 8080", "VOLUME /tmp", "behind the manifest's back"),
        ("COPY LICENSE", "ADD LICENSE", "ADD unpacks"),
        ("COPY LICENSE", "COPY README.md", ".dockerignore keeps it out"),
        ("COPY LICENSE", "COPY LICENCE", "no such file"),
        ("--only-binary=:all:", "", "pip may compile"),
        ("--no-install-recommends python3-pip", "python3-pip", "more than it was told"),
        ("apt-get install -y -qq", "apt-get install -y -qq gcc", "a compiler"),
        ("ARG VERSION=0", "ARG INDEX_PASSWORD", "mount a secret"),
        ("org.opencontainers.image.licenses", "licenses", "labels are missing"),
        ("FROM base AS cpu", "FROM base AS small", "no stage is called cpu"),
    ],
)
def test_the_rules_catch(old: str, new: str, problem: str) -> None:
    """A checker that never complains proves nothing."""
    assert old in TEXT

    assert [found for found in complaints(TEXT.replace(old, new, 1), ROOT, IGNORED) if problem in found]


@pytest.mark.parametrize("word", ["WORKDIR", "USER", "EXPOSE", "ENTRYPOINT", "CMD"])
def test_both_images_are_started_alike(word: str) -> None:
    """One manifest fits both."""
    assert NAMED["cpu"].last(word) == NAMED["gpu"].last(word) != ""


@pytest.mark.parametrize(("wanted", "installed"), [("none", False), ("paddlepaddle-gpu==3.3.1", True)])
def test_paddle_can_be_left_out(wanted: str, installed: bool) -> None:
    """Beside a server that holds the model; the step is run as the builder's shell would, with an idle pip."""
    [step] = [run.rest for run in NAMED["gpu-dependencies"].every("RUN") if "$PADDLE" in run.rest]
    command = re.sub(r"--mount=\S+ ", "", step).replace("python3 -m pip", "echo pip")
    given = {"PADDLE": wanted, "PADDLE_INDEX": ""}
    done = subprocess.run(["/bin/sh", "-ec", command], env=given, capture_output=True, text=True, check=True)

    assert (f" {wanted}\n" in done.stdout) is installed
    assert bool(done.stdout) is installed


def test_both_images_hold_the_same_program() -> None:
    """What is copied below /app, and what the builder gets to see of the clone, are the same three folders."""
    copied = [
        [copy.rest for copy in NAMED[name].every("COPY") if "/app" in copy.rest]
        for name in ("dependencies", "gpu-dependencies")
    ]

    assert (
        copied[0]
        == copied[1]
        == ["LICENSE /app/", "events /app/events", "warmup /app/warmup", "function /app/function"]
    )


def test_the_builder_sees_nothing_else() -> None:
    """Documents, keys, environments and the history stay outside, whatever lies in the folder one day."""
    for path in (".git", ".venv", "tests/conftest.py", "knative/README.md", "secret.pem", "out/x", "shared", ".env"):
        assert not reaches(path, IGNORED), path
    assert not reaches("function/__pycache__", IGNORED)
    assert reaches("function/doors/app.py", IGNORED)


def test_the_build_script_passes_only_arguments_that_the_dockerfile_takes() -> None:
    """And names every argument that a person may want to set."""
    script = (ROOT / "knative" / "image" / "build.sh").read_text(encoding="utf-8")
    passed = set(re.findall(r"--build-arg \"(\w+)=", script))
    passed |= set(re.search(r"for argument in ([A-Z_ ]+);", script)[1].split())
    taken = set(ARGUMENTS) | {arg.rest.split("=")[0] for stage in STAGES for arg in stage.every("ARG")}

    assert passed == taken


@pytest.mark.parametrize("name", ["build.sh", "debian-base.sh"])
def test_the_scripts_are_shell_and_can_be_run(name: str) -> None:
    """A clone keeps the mark that makes them programs."""
    path = ROOT / "knative" / "image" / name

    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0
    assert path.stat().st_mode & 0o111


def _build(
    folder: Path, *, builders: tuple[str, ...] = (), answers: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """knative/image/build.sh where only these builders are installed; each writes down how it was called."""
    for tool in ("dirname", "sed", "mktemp", "rm"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    # Not whatever `python3` is here: a version manager's shim needs a shell that is not on this PATH.
    (folder / "python3").symlink_to(sys.executable)
    for name in builders:
        (folder / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {folder}/calls\n{answers}\n', encoding="utf-8")
        (folder / name).chmod(0o755)
    given = [f"PATH={folder}", *(f"{name}={value}" for name, value in variables.items())]
    command = ["/usr/bin/env", "-i", *given, "/bin/sh", str(ROOT / "knative" / "image" / "build.sh"), "cpu"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_without_a_builder_the_remedy_is_named(tmp_path: Path) -> None:
    """What to install stands in the message."""
    done = _build(tmp_path)

    assert done.returncode == 1
    assert "apt-get install buildah" in done.stderr


@pytest.mark.parametrize(("builder", "words"), [("nonsense", "docker, podman or buildah"), ("podman", "not installed")])
def test_a_builder_that_is_not_there_is_said(tmp_path: Path, builder: str, words: str) -> None:
    """By the name of the variable, before anything is built."""
    done = _build(tmp_path, builders=("buildah",), BUILDER=builder)

    assert (done.returncode, done.stdout) == (1, "")
    assert f"BUILDER={builder}" in done.stderr
    assert words in done.stderr


def test_what_docker_pushes_carries_an_inventory_and_its_provenance(tmp_path: Path) -> None:
    """And what is only built here does not, since only a registry can hold them."""
    kept = _build(tmp_path, builders=("docker", "buildah"), IMAGE="registry.example/team/ocr", TAG="7", LAYERS="false")
    assert kept.returncode == 0, kept.stderr
    build = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()[-1].split()
    assert build[:3] == ["docker", "buildx", "build"]
    assert {"registry.example/team/ocr:7", "--load"} <= set(build)
    assert not [word for word in build if word.startswith(("--sbom", "--provenance"))]


@pytest.mark.parametrize(
    ("driver", "store", "attested", "pulled"),
    [
        ("docker", "[[driver-type io.containerd.snapshotter.v1]]", True, False),
        ("docker", "[[Backing Filesystem extfs]]", False, False),
        ("docker-container", "", True, True),
    ],
)
def test_a_push_asks_for_no_more_than_the_builder_can(
    tmp_path: Path, driver: str, store: str, attested: bool, pulled: bool
) -> None:
    """Docker's classic store refuses attestations; a builder in a container leaves no image here to be weighed."""
    told = f"case $1-$2 in buildx-inspect) echo 'Driver:        {driver}' ;; info-*) echo '{store}' ;; esac"
    done = _build(tmp_path, builders=("docker",), answers=told, IMAGE="registry.example/ocr", TAG="7", PUSH="true")
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    [build] = [call for call in calls if call.startswith("docker buildx build")]

    assert "--push" in build
    assert ("--sbom=true" in build, "--provenance=mode=max" in build) == (attested, attested)
    assert ("without SBOM" in done.stderr) != attested
    assert ("docker pull --quiet registry.example/ocr:7" in calls) == pulled


def test_arguments_reach_the_builder_only_where_they_are_given(tmp_path: Path) -> None:
    """Otherwise the Dockerfile's own defaults would be overwritten by nothing."""
    settings = {"PUSH": "true", "LAYERS": "false", "CPU_BASE": "mirror.example/python@sha256:0"}
    done = _build(tmp_path, builders=("docker",), **settings)
    assert done.returncode == 0, done.stderr
    build = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()[-1].split()

    assert {"--sbom=true", "--provenance=mode=max", "--push", "CPU_BASE=mirror.example/python@sha256:0"} <= set(build)
    assert not [word for word in build if word.startswith(("GPU_BASE", "PADDLE"))]
    assert [word for word in build if word.startswith("id=pip.conf,src=")]
