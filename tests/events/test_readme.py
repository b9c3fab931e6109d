"""events/README.md against the code: `python -m tests.events.test_readme` prints its table."""

from __future__ import annotations

import re
from typing import get_args

from events import ours, samples, senders
from events.senders.base import Sender
from events.uploads import Reason
from tests.conftest import ROOT

README = ROOT / "events" / "README.md"


def table() -> list[str]:
    """A row a sender, in the order in which types are tried."""
    head = ["| Sender | POST | CloudEvent types | Keys | Samples | Done, later |", "|---|---|---|---|---|---|"]
    return head + [_row(sender) for sender in senders.ALL]


def _row(sender: Sender) -> str:
    doors = [f"`/hooks/{sender.name}`"] if sender.hook else []
    doors += ["`/`"] if sender.kinds else []
    kinds = "<br>".join(f"`{kind.type}`" + (f" from `{kind.source}…`" if kind.source else "") for kind in sender.kinds)
    names = [name for name in samples.names() if samples.load(name).sender == sender.name]
    links = ", ".join(f"[{name}](samples/{name}.json)" for name in names)
    answers = f"{sender.done}, {sender.later}"
    return f"| {sender.title} | {' '.join(doors)} | {kinds or '–'} | {sender.keys} | {links} | {answers} |"


def test_the_table_is_what_the_code_does() -> None:
    """Types, encoding of keys, samples and answers; a new sender or sample changes a row."""
    text = README.read_text(encoding="utf-8")

    assert "\n".join(table()) in text


def test_every_reason_and_every_type_of_ours_is_explained() -> None:
    """Operators meet them as labels and in filters."""
    text = README.read_text(encoding="utf-8")

    assert [reason for reason in get_args(Reason) if f"| `{reason}` |" not in text] == []
    assert [type_ for type_ in ours.TYPES if f"`{type_}`" not in text] == []


def test_links_lead_somewhere() -> None:
    """Relative ones, to files of this repository."""
    targets = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))

    assert targets
    assert [target for target in targets if not (README.parent / target).exists()] == []


if __name__ == "__main__":
    print("\n".join(table()))
