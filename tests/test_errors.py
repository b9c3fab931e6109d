"""The error tree carries its consequences, and they fit what a sender of events does with them."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator

import pytest

from function import errors
from function.errors import (
    JobUnfinished,
    MethodNotAllowed,
    OcrError,
    Outage,
    Refusal,
    SentTooSlowly,
    UnknownJob,
    UnknownPath,
    UnknownUpload,
)  # fmt: skip
from tests import ladder
from tests.conftest import ROOT

#: What Knative's sender tries again, beside every 5xx and silence (knative/eventing pkg/kncloudevents/retries.go).
RETRIED_BY_KNATIVE = {404, 408, 409, 429}
#: An event comes by POST to an address of ours, so it can never meet these; but for the last, which is answered before
#: the event has come, so that to send it again is right.
HTTP_CALLERS_ONLY = {UnknownPath, UnknownJob, UnknownUpload, JobUnfinished, MethodNotAllowed, SentTooSlowly}
EXIT_CODES = {
    errors.EXIT_USAGE,
    errors.EXIT_REFUSED,
    errors.EXIT_FAILED,
    errors.EXIT_TRY_AGAIN,
}


def _tree(root: type[OcrError]) -> Iterator[type[OcrError]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


TREE = list(dict.fromkeys(_tree(OcrError)))
REFUSALS = [error for error in TREE if issubclass(error, Refusal)]
OUTAGES = [error for error in TREE if not issubclass(error, Refusal)]
every_class = pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)


def test_the_whole_tree_is_walked() -> None:
    """Every exception of errors.py hangs on the tree, or the other tests here would miss it."""
    defined = {kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, Exception)}

    assert defined == set(TREE)


@every_class
def test_an_error_is_a_refusal_or_an_outage(error: type[OcrError]) -> None:
    """Nobody's fault is nobody's decision; only the root, the unexpected, is neither."""
    assert error is OcrError or issubclass(error, Refusal) != issubclass(error, Outage)


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: error.__name__)
def test_a_refusal_that_an_event_meets_is_never_retried(error: type[OcrError]) -> None:
    """A 4xx outside Knative's list ends the delivery; anything else would be read again, and refused again."""
    assert not error.redelivered
    assert 400 <= error.status < 500
    assert error in HTTP_CALLERS_ONLY or error.status not in RETRIED_BY_KNATIVE


@pytest.mark.parametrize("error", OUTAGES, ids=lambda error: error.__name__)
def test_an_outage_is_always_retried(error: type[OcrError]) -> None:
    """Our own failure must never lose a document."""
    assert error.redelivered
    assert error.status == 429 or 500 <= error.status < 600


@every_class
def test_an_error_tells_what_and_what_to_do(error: type[OcrError]) -> None:
    """A docstring for the reader of the code, a title and a remedy for whoever meets it."""
    assert "__doc__" in vars(error)
    assert error.title
    assert not error.title.endswith(".")
    assert error("detail").remedy.endswith(".")
    assert error("detail", remedy="Do this.").remedy == "Do this."
    assert str(error("what happened")) == error("what happened").detail == "what happened"


@every_class
def test_an_error_has_an_exit_code_and_a_metric_label(error: type[OcrError]) -> None:
    """Scripts and dashboards tell ends apart by these; the label is the last word of the problem's type."""
    assert error.exit_code in EXIT_CODES
    assert re.fullmatch(r"[a-z-]+", error("detail").name)
    assert error("detail").type == f"urn:zeropage:problem:{error('detail').name}"


def test_whoever_asks_wrongly_is_told_his_own_remedy() -> None:
    """No BadRequest and no MalformedEvent is raised with the class's general one."""
    bare = [
        f"{module}:{node.lineno}"
        for module, path in ladder.modules(ROOT)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in {"BadRequest", "MalformedEvent"}
        and "remedy" not in {keyword.arg for keyword in node.keywords}
    ]

    assert bare == []


def test_every_error_has_a_name_of_its_own() -> None:
    """Programs tell problems apart by `type`."""
    names = [error("detail").type for error in TREE]

    assert len(set(names)) == len(TREE)
    assert errors.TooManyPages("detail").type == "urn:zeropage:problem:too-many-pages"


def test_busy_says_when_to_come_back() -> None:
    """The measured time stands in the remedy and in Retry-After."""
    busy = errors.Busy("every slot is taken", retry_after=7)

    assert busy.retry_after == 7
    assert "7 s" in busy.remedy


def test_the_drawing_in_the_docstring_is_the_tree() -> None:
    """Each line of the drawing names a class with its status, indented below its parent."""
    drawn = re.findall(r"^ {4}([│ ]*[├└]── )(\w+) +(\d{3})?", errors.__doc__ or "", re.MULTILINE)
    parents: list[str] = ["OcrError"]
    told = set()
    for indent, name, status in drawn:
        depth = len(indent) // 4
        parents[depth:] = [name]
        told.add((name, parents[depth - 1], status))

    assert told == {
        (error.__name__, error.__mro__[1].__name__, "" if error in {Refusal, Outage} else str(error.status))
        for error in TREE
        if error is not OcrError
    }
