"""The cluster, read through kubectl and whatever configuration it has. Nothing is changed."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

Document = dict[str, Any]


class UnreadableError(Exception):
    """The cluster did not tell: no rights, or no answer. The message is kubectl's own last line."""


class Kubectl:
    """Answers are kept: several checks ask for the same.

    Args:
        options: of every call, such as `--context`.
        namespace: where the manifests go; empty takes the context's own.
    """

    def __init__(self, options: Sequence[str] = (), namespace: str = "") -> None:
        self._command = ["kubectl", *options]
        self.namespace = ("--namespace", namespace) if namespace else ()
        self._answers: dict[tuple[str, ...], str | None] = {}

    def run(self, *arguments: str, text: str = "") -> str | None:
        """What kubectl prints; None where there is no such thing.

        Raises:
            UnreadableError: kubectl is missing, has no rights, or gets no answer.
        """
        if arguments not in self._answers:
            self._answers[arguments] = self._ask(arguments, text)
        return self._answers[arguments]

    def _ask(self, arguments: Sequence[str], text: str) -> str | None:
        try:
            done = subprocess.run(
                [*self._command, *arguments], input=text, capture_output=True, text=True, timeout=60, check=False
            )
        except FileNotFoundError:
            raise UnreadableError("kubectl is not installed") from None
        except subprocess.TimeoutExpired:
            raise UnreadableError("kubectl had no answer within 60 s") from None
        if done.returncode == 0:
            return done.stdout
        if "NotFound" in done.stderr or "have a resource type" in done.stderr:
            return None
        raise UnreadableError((done.stderr.strip() or "kubectl failed").splitlines()[-1])

    def get(self, *arguments: str) -> Document:
        """One object or a list; empty where there is none."""
        document: Document = json.loads(self.run("get", *arguments, "--output", "json") or "{}")
        return document

    def settings(self, name: str, namespace: str) -> dict[str, str]:
        """The data of a ConfigMap of Knative's; empty where it has none."""
        return self.get("configmap", name, "--namespace", namespace).get("data") or {}

    def deployments(self, namespace: str) -> dict[str, Document]:
        """By name."""
        found = self.get("deployments", "--namespace", namespace).get("items", [])
        return {item["metadata"]["name"]: item for item in found}

    def exists(self, kind: str, name: str, *where: str) -> bool:
        """Asked by name, so that contents (of a Secret, say) are never fetched."""
        return self.run("get", kind, name, *where, "--output", "name") is not None

    def documents(self, text: str) -> list[Document]:
        """Manifests as JSON: kubectl turns YAML into it by itself, and asks no server (`--local`)."""
        told = self.run("label", "--local", "--filename", "-", "doctor=asks", "--output", "json", text=text)
        return list(_each(told or ""))


def _each(text: str) -> Iterator[Document]:
    """What kubectl prints: one JSON object after the other, a List being what it lists."""
    decoder, place = json.JSONDecoder(), 0
    while start := re.compile(r"\S").search(text, place):
        document, place = decoder.raw_decode(text, start.start())
        yield from document.get("items", [document])
