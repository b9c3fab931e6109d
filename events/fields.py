"""Reading a stranger's JSON: each value of the type it should have, every problem noted with its path.

Messages name paths and types, never values: what a sender adds (Baidu: credentials) must not reach a log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from events.uploads import DocumentUploaded, bucket_problem, key_problem, label_problem


class Fields:
    """One JSON object of a message.

    Attributes:
        problems: sentences about what is wrong, shared with every part of the message.
    """

    def __init__(self, value: Any, where: str, problems: list[str]) -> None:
        self._where = where
        self.problems = problems
        self._members: dict[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.note("", "is missing" if value is None else f"is {type(value).__name__}, not a JSON object")

    def note(self, path: str, problem: str) -> None:
        """Add a problem with the value at `path` below this object."""
        self.problems.append(f"{'.'.join(part for part in (self._where, path) if part) or 'the message'}: {problem}")

    def get(self, path: str) -> Any:
        """Whatever stands at `a.b.c`; None where nothing does."""
        value: Any = self._members
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def text(self, *paths: str) -> str:
        """The text at the first of the paths where there is any; a problem where there is none."""
        before = len(self.problems)
        found = self.maybe(*paths)
        if not found and len(self.problems) == before:
            self.note(paths[0], "is missing")
        return found

    def maybe(self, *paths: str) -> str:
        """As `text`, but it may be missing; a number is written out."""
        for path in paths:
            value = self.get(path)
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            if isinstance(value, str):
                if value:
                    return value
            elif value is not None:
                self.note(path, f"is {type(value).__name__}, not text")
                return ""
        return ""

    def size(self, path: str) -> int | None:
        """A number of bytes, which some senders write as text; None where there is none."""
        value = self.get(path)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            value = int(value)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.note(path, "is no number of bytes")
            return None
        return value

    def upload(self, sender: str, *, bucket: str, key: str, **rest: Any) -> DocumentUploaded:
        """The upload, with problems noted where bucket, key, version or etag cannot be what they claim."""
        checks = {"bucket": (bucket, bucket_problem), "key": (key, key_problem)}
        checks |= {name: (rest.get(name, ""), label_problem) for name in ("version", "etag")}
        for name, (value, problem_of) in checks.items():
            missing = not value and name in {"bucket", "key"}  # noted where it was read
            if not missing and (problem := problem_of(value)):
                self.note(name, problem)
        rest["etag"] = rest.get("etag", "").removeprefix("W/").strip('"')
        # A suspended bucket calls every new version `null`, so that tells none from another.
        rest["version"] = "" if rest.get("version") == "null" else rest.get("version", "")
        return DocumentUploaded(bucket, key, sender=sender, **rest)


KeyDecoder = Callable[[str], str]


def raw_key(key: str) -> str:
    """The key as it stands."""
    return key


def form_key(key: str) -> str:
    """A form-encoded key: `+` is a space, `%2F` a slash.

    Raises:
        ValueError: the bytes are not UTF-8.
    """
    return unquote_plus(key, errors="strict")
