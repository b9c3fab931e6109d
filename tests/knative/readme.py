"""knative/README.md, taken apart: its commands, its tables, its YAML."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from tests.manifests import KNATIVE

TEXT = (KNATIVE / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def inline() -> list[str]:
    """Each `code` in the text, outside blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", TEXT, flags=re.DOTALL | re.MULTILINE))


def commands(*program: str) -> Iterator[list[str]]:
    """What follows a program's name, wherever a command begins: in blocks, after a pipe or `--`, in the text."""
    for block in blocks("sh"):
        yield from _each(_words(block.replace("\\\n", "")), program)
    for code in inline():
        if code.startswith(f"{program[0]} "):
            yield from _each(shlex.split(code), program)


def _words(block: str) -> list[str]:
    """As a shell splits them; what parts commands is a word by itself, and so is the end of a line."""
    lexer = shlex.shlex(block, posix=True, punctuation_chars=";|&<>()\n")
    lexer.whitespace, lexer.whitespace_split = " \t", True
    return list(lexer)


def _each(words: list[str], program: tuple[str, ...]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in [*words, ";"]:
        if not re.fullmatch(r"[;|&<>()\n]+", word):
            command.append(word)
            continue
        while "--" in command:
            place = command.index("--")
            yield from _told(command[:place], program)
            command = command[place + 1 :]
        yield from _told(command, program)
        command = []


def _told(command: list[str], program: tuple[str, ...]) -> Iterator[list[str]]:
    if tuple(command[: len(program)]) == program:
        yield command[len(program) :]


def table(head: str) -> list[list[str]]:
    """The rows of the table whose first row begins so, as cells."""
    rows = TEXT[TEXT.index(f"| {head} ") :].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def codes(cell: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", cell)
