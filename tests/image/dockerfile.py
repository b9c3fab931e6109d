"""A Dockerfile as its instructions, and what we do not want to see in one.

`complaints` gives sentences; none means that the file keeps to the rules. They are those that a build would not notice:
what breaks on a cluster (a user by name, a shell as PID 1), what cannot be repeated (bases that are not arguments), and
what makes images heavy or leaks (caches, compilers, secrets).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

#: Labels of the OCI image specification that every image of ours carries.
LABELS = {"title", "description", "licenses", "version", "revision", "base.name"}


@dataclass(frozen=True)
class Instruction:
    """One instruction: its word in capitals, and the rest on one line."""

    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The arguments, without flags."""
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]


@dataclass
class Stage:
    """What stands between one FROM and the next."""

    name: str
    base: str
    instructions: list[Instruction] = field(default_factory=list)

    def every(self, word: str) -> list[Instruction]:
        """The instructions of a sort."""
        return [instruction for instruction in self.instructions if instruction.word == word]

    def last(self, word: str) -> str:
        """The rest of the last of a sort, which is the one that counts; empty where there is none."""
        return next((instruction.rest for instruction in reversed(self.instructions) if instruction.word == word), "")


def parse(text: str) -> tuple[dict[str, str], list[Stage]]:
    """The arguments above the first stage with their defaults, and the stages."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    for statement in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        word, _, rest = " ".join(statement.split()).partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(name, base))
        elif word and stages:
            stages[-1].instructions.append(Instruction(word, rest))
        elif word == "ARG":
            name, _, default = rest.partition("=")
            arguments[name] = default
    return arguments, stages


def complaints(text: str, root: Path, ignored: str, finals: Sequence[str] = ("cpu", "gpu")) -> list[str]:
    """What is wrong with a Dockerfile.

    Args:
        text: the Dockerfile.
        root: of its build context.
        ignored: the text of its .dockerignore.
        finals: names of the stages that people build.
    """
    arguments, stages = parse(text)
    named = {stage.name: stage for stage in stages}
    found = [f"no stage is called {name}" for name in finals if name not in named]
    found += _bases(arguments, stages)
    for stage in stages:
        found += [f"{stage.name}: {problem}" for problem in _stage(stage, root, ignored)]
        if stage.name in finals:
            found += [f"{stage.name}: {problem}" for problem in _final(stage)]
    return found


def _bases(arguments: dict[str, str], stages: list[Stage]) -> Iterator[str]:
    names = {stage.name for stage in stages}
    for stage in stages:
        argument = re.fullmatch(r"\$\{(\w+)\}", stage.base)
        if stage.base in names:
            continue
        if not argument or argument[1] not in arguments:
            yield f"{stage.name}: FROM {stage.base} is no argument, so nobody can pin it by digest"
        elif not re.search(r":[\w.-]*\d|@sha256:", arguments[argument[1]]) or ":latest" in arguments[argument[1]]:
            yield f"{stage.name}: {argument[1]}={arguments[argument[1]]} names no version"


def _stage(stage: Stage, root: Path, ignored: str) -> Iterator[str]:
    if stage.every("ADD"):
        yield "ADD unpacks and downloads; COPY does what it says"
    for run in stage.every("RUN"):
        yield from _run(run.rest)
    for instruction in [*stage.every("ARG"), *stage.every("ENV"), *stage.every("LABEL")]:
        if re.search(r"password|token|secret|://[^ ]*@", instruction.rest, re.IGNORECASE):
            yield f"{instruction.word} {instruction.rest} stays in the image's history: mount a secret"
    for copy in stage.every("COPY"):
        yield from _copy(copy, root, ignored)


def _run(command: str) -> Iterator[str]:
    words = set(command.split())
    if "pip --python" in command:
        if "--mount=type=secret,id=pip.conf,target=/etc/pip.conf" not in words:
            yield "pip without the secret pip.conf reaches no mirror"
        if not {"--only-binary=:all:", "--no-compile"} <= words:
            yield "pip may compile: --only-binary=:all: --no-compile"
    if "apt-get install" in command and "--no-install-recommends" not in words:
        yield "apt-get installs more than it was told: --no-install-recommends"
    if words & {"gcc", "g++", "build-essential", "curl", "wget", "git"}:
        yield f"a compiler or a download: {command}"


def _copy(copy: Instruction, root: Path, ignored: str) -> Iterator[str]:
    for source in copy.words[:-1] if "--from=" not in copy.rest else []:
        if not (root / source).exists():
            yield f"COPY {source}: there is no such file"
        elif not reaches(source, ignored):
            yield f"COPY {source}: .dockerignore keeps it out"


def _final(stage: Stage) -> Iterator[str]:
    user = re.fullmatch(r"(\d+):(\d+)", stage.last("USER"))
    if not user or user[1] == "0" or user[2] == "0":
        yield f"USER {stage.last('USER')} is no numeric user and group other than root"
    for word in ("ENTRYPOINT", "CMD"):
        try:
            json.loads(stage.last(word))
        except ValueError:
            yield f"{word} {stage.last(word)} puts a shell between SIGTERM and the program"
    if stage.every("HEALTHCHECK"):
        yield "HEALTHCHECK: Kubernetes does not look at it"
    if stage.every("RUN"):
        yield "RUN in a final stage: make it in the stages before, and copy what is wanted"
    if stage.every("VOLUME"):
        yield "VOLUME makes a writable folder behind the manifest's back"
    labels = set(re.findall(r"org\.opencontainers\.image\.([a-z.]+)=", " ".join(i.rest for i in stage.every("LABEL"))))
    if LABELS - labels:
        yield f"labels are missing: {sorted(LABELS - labels)}"


def reaches(source: str, ignored: str) -> bool:
    """Whether a path passes .dockerignore: the last pattern that matches it or a folder above it decides."""
    passes = True
    for line in ignored.splitlines():
        pattern = line.strip().removeprefix("!")
        if not pattern or line.startswith("#"):
            continue
        parts = source.split("/")
        above = ["/".join(parts[: number + 1]) for number in range(len(parts))]
        if any(fnmatch(path, pattern) or fnmatch(path, pattern.removeprefix("**/")) for path in above):
            passes = line.startswith("!")
    return passes
