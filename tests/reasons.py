"""The comments of base and components, carried over into the flat files, since kustomize drops them.

A reason belongs to a place: the keys on the way to it, where an item of a list goes by its `name`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Place = tuple[str, ...]
_POD: Place = ("spec", "template", "spec")


class _Dumper(yaml.SafeDumper):
    """Writes a script as the lines that it is."""


def _lines(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _lines)


def of_service(service: Path) -> dict[Place, list[str]]:
    """Of a manifest."""
    text = service.read_text(encoding="utf-8")
    return _comments(text, _places(yaml.compose(text, Loader=yaml.SafeLoader), ()))


def of_settings(settings: Path, container: str) -> dict[Place, list[str]]:
    """Of `NAME=value` lines; a comment ends at an empty line."""
    found: dict[Place, list[str]] = {}
    lines = settings.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if re.match(r"[A-Z]", line):
            place = (*_POD, "containers", container, "env", line.partition("=")[0])
            found[place] = _above(lines, number)
    return {place: comment for place, comment in found.items() if comment}


def of_component(component: Path, service: dict[str, Any]) -> dict[Place, list[str]]:
    """Of the patches to Services in a component.

    Args:
        component: its folder.
        service: what is patched, parsed: numbers in a patch's paths are places in its lists.
    """
    found: dict[Place, list[str]] = {}
    kustomization = yaml.safe_load((component / "kustomization.yaml").read_text(encoding="utf-8"))
    for patch in kustomization.get("patches", []):
        if patch.get("target", {}).get("kind") in {None, "Service"}:
            text = patch.get("patch") or (component / patch["path"]).read_text(encoding="utf-8")
            found |= _of_patch(text, service)
    return found


def annotated(document: dict[str, Any], reasons: dict[Place, list[str]]) -> str:
    """The document as YAML, with the reasons above their lines."""
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=120)
    lines, added = text.splitlines(), 0
    seen: set[Place] = set()
    for place, number in list(_places(yaml.compose(text, Loader=yaml.SafeLoader), ())):
        if place in reasons and place not in seen:
            seen.add(place)
            at = number + added
            indent = " " * (len(lines[at]) - len(lines[at].lstrip()))
            lines[at:at] = [indent + line for line in reasons[place]]
            added += len(reasons[place])
    return "\n".join(lines) + "\n"


def _of_patch(text: str, service: dict[str, Any]) -> dict[Place, list[str]]:
    found: dict[Place, list[str]] = {}
    lines = text.splitlines()
    for operation in yaml.compose(text, Loader=yaml.SafeLoader).value:
        fields = {key.value: value for key, value in operation.value}
        place = _pointed(fields["path"].value, fields.get("value"), service)
        if comment := _above(lines, operation.start_mark.line):
            found[place] = comment
        if "value" in fields and not isinstance(fields["value"], yaml.ScalarNode):
            found |= _comments(text, _places(fields["value"], place))
    return found


def _pointed(path: str, value: yaml.Node | None, service: dict[str, Any]) -> Place:
    """A JSON pointer as a place."""
    place: list[str] = []
    here: Any = service
    for part in path.removeprefix("/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if key == "-":
            return (*place, _name(value, 0))
        here = here[int(key)] if isinstance(here, list) else here.get(key, {})
        place.append(str(here["name"]) if key.isdigit() else key)
    return tuple(place)


def _places(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    """Each place below a node, and the line where it stands."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*place, key.value), key.start_mark.line
            yield from _places(value, (*place, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            here = (*place, _name(item, index))
            yield here, item.start_mark.line
            yield from _places(item, here)


def _name(item: yaml.Node | None, index: int) -> str:
    """Of an item of a list: its `name`, else its first key, else its number."""
    if not isinstance(item, yaml.MappingNode):
        return str(index)
    named = {key.value: value.value for key, value in item.value}
    return str(named.get("name", next(iter(named))))


def _comments(text: str, places: Iterator[tuple[Place, int]]) -> dict[Place, list[str]]:
    lines = text.splitlines()
    found: dict[Place, list[str]] = {}
    taken: set[int] = set()
    for place, number in places:
        # An item and its first key share a line; the comment is the item's.
        if number not in taken and (comment := _above(lines, number)):
            taken.add(number)
            found[place] = comment
    return found


def _above(lines: list[str], number: int) -> list[str]:
    """The comment directly above a line, without its indentation."""
    first = number
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return [line.strip() for line in lines[first:number]]
