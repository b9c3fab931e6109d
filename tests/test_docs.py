"""What is documented exists: commands, targets, addresses, variables, metrics, files, and tables made from the code."""

from __future__ import annotations

import importlib.util
import itertools
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
import yaml
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from events import ours
from events.event import Event
from events.uploads import DocumentUploaded
from function.documents.base import Opener
from function.doors import arguments, formats
from function.doors.app import create_app
from function.reading.jobs.job_records import upload_key
from function.reading.options import Options
from function.settings import Settings, describe
from function.stores.base import Location
from function.telemetry.metrics import REGISTRY
from function.wiring import build
from tests import tables
from tests.conftest import PAGES, ROOT

DOCUMENTS = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "function/README.md",
    "knative/README.md",
    "knative/RUNBOOK.md",
    "SECURITY.md",
)
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}
#: Names that stand for a reader's own file.
YOUR_FILES = {"scan.pdf", "invoice.pdf", "a.pdf", "table.png.", "site/", "notification.toml"}
#: Made by running something, so absent from a fresh clone.
MADE = (".venv", "build/", "out/")
#: Beside the repository, and may be absent.
BESIDE = "../shared/"

each_document = pytest.mark.parametrize("name", DOCUMENTS)


def blocks(name: str, language: str = "sh") -> list[str]:
    """The fenced code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXTS[name], re.DOTALL | re.MULTILINE)


def block_commands(name: str, program: str) -> Iterator[list[str]]:
    """Each command of a program in the sh blocks, split as the shell does, without redirections."""
    for block in blocks(name):
        for part in re.split(r"&&|\||;|\n", block.replace("\\\n", " ")):
            if part.strip().startswith(program + " "):
                yield shlex.split(re.split(r" [<>]", part)[0], comments=True)


def commands(name: str, program: str) -> Iterator[list[str]]:
    """Those, and each `code` in the text that begins with the program (often without its arguments)."""
    yield from block_commands(name, program)
    for code in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", TEXTS[name]):
        if code.startswith(program + " "):
            yield shlex.split(code)


@each_document
def test_shell_blocks_are_valid_shell(name: str) -> None:
    """What is to be copied must at least parse."""
    for block in blocks(name):
        done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, timeout=60, check=False)

        assert done.returncode == 0, f"{done.stderr}\n{block}"


def helped_rules() -> list[str]:
    """The targets of each of the Makefile's rules that has a word of help."""
    return re.findall(r"^([a-z][a-z -]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@each_document
def test_every_make_target_exists(name: str) -> None:
    """`make run` and the others stand in the Makefile, with a word of help."""
    targets = {target for rule in helped_rules() for target in rule.split()}
    named = {word for words in commands(name, "make") for word in words[1:] if "=" not in word}

    assert named <= {"help", *targets}


def test_the_makefile_stays_small() -> None:
    """At most 15 lines of help, which is itself not among them: one a job that somebody has, drills included."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.findall(r"^\.PHONY: help (.*)$", makefile, re.MULTILINE)[0].split()
    rules = helped_rules()

    assert sorted(phony) == sorted(target for rule in rules for target in rule.split())
    assert len(rules) <= 15
    assert [target for target in phony if f"make {target}" not in TEXTS["README.md"]] == []


@each_document
def test_every_python_command_exists(name: str) -> None:
    """Modules can be found, and the function's own commands take the arguments shown."""
    for words in commands(name, "python -m"):
        assert importlib.util.find_spec(words[2]), words
    for words in block_commands(name, "python -m function"):
        arguments.parser().parse_args(words[3:])


@pytest.fixture(scope="module")
def app() -> Flask:
    """The HTTP doors; no document is ever opened here."""
    return create_app(build(Settings(fast_engine="stub"), opener=cast(Opener, object())))


def _answers(app: Flask, method: str, path: str) -> bool:
    try:
        app.url_map.bind("localhost").match(path, method=method)
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


@each_document
def test_every_address_is_served(name: str, app: Flask) -> None:
    """`POST /v1/parse`, and each path in a table's row or in code."""
    named = re.findall(r"(GET|POST|PUT|DELETE) (/(?:[a-zA-Z0-9./_-]*[a-zA-Z0-9_-])?)", TEXTS[name])
    plain = re.findall(r"`(/(?:v1|healthz|readyz|metrics|predict)[a-zA-Z0-9./_-]*)`", TEXTS[name])

    assert [pair for pair in named if not _answers(app, *pair)] == []
    assert [path for path in plain if not (_answers(app, "GET", path) or _answers(app, "POST", path))] == []


def test_every_address_is_in_the_readme(app: Flask) -> None:
    """Nothing is served in secret."""
    served = {rule.rule.partition("<")[0] for rule in app.url_map.iter_rules()}

    assert [path for path in sorted(served) if path not in TEXTS["README.md"]] == []


#: A server of one's own, and the public name of the guide to Knative.
HOSTS = ("localhost:8080", "https://documents.example.org")


@each_document
def test_every_curl_line_would_be_answered(name: str, app: Flask) -> None:
    """The address takes the method, the options are allowed, the file exists."""
    for words in commands(name, "curl"):
        [url] = [word for word in words if word.startswith(HOSTS)]
        path, _, query = re.sub(rf"^({'|'.join(HOSTS)})", "", url).partition("?")
        fields = [value for flag, value in itertools.pairwise(words) if flag in {"-F", "--form"}]
        files = [value.partition("@")[2] for value in words if "@" in value]
        sends = fields or files
        said = [value for flag, value in itertools.pairwise(words) if flag == "-X"]
        method = said[0] if said else "POST" if sends else "GET"
        assert _answers(app, method, path), words
        assert [file for file in files if file not in YOUR_FILES and not (ROOT / file).exists()] == []
        options = dict(pair.split("=", 1) for pair in [*query.split("&"), *fields] if "=" in pair and "@" not in pair)
        form = options.pop("format", "json")
        options.pop({"/v1/jobs": "upload", "/v1/uploads": "name"}.get(path, ""), None)
        assert form in {known.name for known in formats.FORMATS}
        Options.parse(options)


def test_every_format_and_option_is_in_the_readme() -> None:
    """A caller finds all there is to ask for."""
    asked = [form.name for form in formats.FORMATS] + list(Options.__struct_fields__)

    assert [word for word in asked if f"`{word}`" not in TEXTS["README.md"]] == []


def test_the_trigger_that_calls_back_takes_the_ends_of_jobs_and_nothing_else() -> None:
    """Its filters, as Knative's dialects read them: an attribute is, or begins with, this; `any` of several."""
    [block] = blocks("README.md", "yaml")
    spec = yaml.safe_load(block)["spec"]

    def takes(dialect: dict[str, Any], event: Event) -> bool:
        [(kind, said)] = dialect.items()
        if kind == "any":
            return any(takes(one, event) for one in said)
        [(name, value)] = said.items()
        has = getattr(event, name)
        return bool(has == value if kind == "exact" else has.startswith(value))

    job = DocumentUploaded("inbox", upload_key(Location.parse("s3://inbox"), "0" * 32, "a.pdf"))
    ends = [ours.DocumentParsed(job, "f", {}, 1), ours.DocumentRefused(job, "f", {"status": 422})]
    others = [job, ours.DocumentParsed(DocumentUploaded("inbox", "a.pdf"), "f", {}, 1)]
    told = [all(takes(one, ours.to_event(said)) for one in spec["filters"]) for said in (*ends, *others)]

    assert told == [True, True, False, False]


@each_document
def test_every_variable_is_a_setting(name: str) -> None:
    """OCR_* names in the documents are read by settings."""
    named = set(re.findall(r"\bOCR_[A-Z][A-Z_]*[A-Z]\b", TEXTS[name]))

    assert named <= {entry.variable for entry in describe()}


@each_document
def test_every_metric_is_measured(name: str) -> None:
    """zeropage_* names in the documents are in the one list."""
    kept = {sample.name for family in REGISTRY.collect() for sample in family.samples}
    kept |= {family.name for family in REGISTRY.collect()} | {f"{family.name}_total" for family in REGISTRY.collect()}

    assert set(re.findall(r"\bzeropage_[a-z_]+\b", TEXTS[name])) <= kept


@each_document
def test_every_file_exists(name: str) -> None:
    """Paths in `code` are there, from the root, function/, tests/ or the document's own rooms; links lead somewhere."""
    code = re.findall(r"`([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*/?)`", TEXTS[name])
    paths = {word for word in code if re.search(r"/|\.(py|md|toml|txt|sh|pdf|png|jpg)$", word)}
    paths -= {word for word in paths if re.match(r"(application|text|image|multipart)/|NAME\.", word)}
    paths = {path for path in paths if not path.startswith((*YOUR_FILES, ".zeropage"))}
    paths |= set(re.findall(r"\]\(([^)#:]+)\)", TEXTS[name]))
    here = (ROOT / name).parent
    bases = (ROOT, ROOT / "function", ROOT / "tests", here, here / "components")
    lost = [
        path
        for path in paths
        if not path.startswith((*MADE, BESIDE)) and not any((base / path).exists() for base in bases)
    ]

    assert sorted(lost) == []


def test_what_the_readme_shows_is_what_the_samples_say() -> None:
    """The first screen's output is real: each of its lines stands in a sample's text."""
    said = "".join(path.read_text(encoding="utf-8") for path in PAGES.glob("*.txt")).replace("\n", " ")
    shown = next(block for block in blocks("README.md", "text") if block.startswith("==> warmup"))
    words = re.sub(r"[|#-]+|\[…\]", " ", "\n".join(line for line in shown.splitlines() if not line.startswith("==>")))
    told = words.partition("The function stays up")[0]

    assert len(told) > 300
    assert [word for word in told.split() if word not in said] == []


def test_every_search_term_is_found_where_the_map_says() -> None:
    """ARCHITECTURE's table sends nobody to an empty place."""
    rows = re.findall(r"^\| [^|]+ \| `([^`]+)` \| `([^`]+)` \|$", TEXTS["ARCHITECTURE.md"], re.MULTILINE)
    lost = [(term, file) for term, file in rows if term not in (ROOT / "function" / file).read_text(encoding="utf-8")]

    assert len(rows) > 10
    assert lost == []


@pytest.mark.parametrize(
    "table", [tables.settings, tables.problems, tables.metrics, tables.labels], ids=lambda table: table.__name__
)
def test_the_table_of_the_reference_is_that_of_the_code(table: Callable[[], list[str]]) -> None:
    """Made by `python -m tests.tables`; row by row, so that the first difference is named."""
    rows = table()
    lines = TEXTS["function/README.md"].splitlines()
    assert rows[0] in lines, f"function/README.md lacks the table {rows[0]}"
    start = lines.index(rows[0])

    table_there = list(itertools.takewhile(lambda line: line.startswith("|"), lines[start:]))
    assert table_there == rows
