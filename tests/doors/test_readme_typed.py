"""What the README tells to type is typed, line by line as it stands, beside the servers that `make run` starts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import PAGES, ROOT, missing
from tests.server import Server

README = (ROOT / "README.md").read_text(encoding="utf-8")
#: Lines that are not typed here, by what stands in them, and why.
ELSEWHERE = {
    "make run": "the fixture below is what it does",
    "function serve": "stays up: tests/doors/test_server.py",
    "function consume": "stays up, needs RabbitMQ: tests/doors/test_consume.py",
    "--watch": "stays up: tests/doors/test_parse_command.py",
    "function job event.json": "needs an event: tests/doors/test_job_command.py",
    "function demo": "the fixture below is what it does",
    "make doctor": "needs a cluster: tests/knative",
    "make image": "needs a builder: tests/image",
    "kn service apply": "needs a cluster: tests/knative",
}


@dataclass
class Desk:
    """Somebody's folder, and the servers that his terminal reaches."""

    folder: Path
    function: str
    store: str
    said: str

    def type(self, line: str) -> str:
        """What it printed; fails where it ends with anything but 0."""
        words = line.replace("localhost:8080", self.function).replace("http://127.0.0.1:9000", self.store)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        variables = {"PATH": path, "PYTHONPATH": str(ROOT), "OCR_FAST_ENGINE": "stub", "HOME": str(self.folder)}
        shell = ["bash", "-c", words]
        done = subprocess.run(
            shell, cwd=self.folder, env=variables, capture_output=True, text=True, timeout=120, check=False
        )

        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def curl(self, line: str) -> tuple[int, str]:
        """Status and body of the answer to a line that begins with curl."""
        body, _, status = self.type(line.replace("curl ", "curl -sS -w '\\n%{http_code}' ", 1)).rpartition("\n")
        return int(status), body


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """`make run` on free ports, with the engine that reads in no time, and a folder with the files that lines name."""
    if not shutil.which("curl"):
        missing("curl", "apt-get install curl")
    folder = tmp_path_factory.mktemp("desk")
    (folder / "warmup").symlink_to(ROOT / "warmup")
    for name in ("scan.pdf", "invoice.pdf"):
        shutil.copy(PAGES / "english.pdf", folder / name)
    demo = [sys.executable, "-m", "function", "demo", "--store-port", "0", str(PAGES / "english.pdf")]
    with Server({"OCR_FAST_ENGINE": "stub"}, command=demo) as server:
        while not (told := re.search(r"\(why, .* curl -f (http://127.0.0.1:\d+)/results.*\n", server.logs)):
            assert server.is_alive(), server.logs
        yield Desk(folder, f"127.0.0.1:{server.port}", told[1], server.logs)
        assert server.stop() == 0, server.logs


def lines() -> list[str]:
    """Each command of the README's shell blocks, those that go on over several lines as one."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README.replace("\\\n", " "), re.DOTALL | re.MULTILINE)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def typed(*starts: str) -> list[str]:
    """Those of them that begin so and are not tried elsewhere."""
    return [line for line in lines() if line.startswith(starts) and not any(other in line for other in ELSEWHERE)]


def test_every_line_is_typed_here_or_tried_elsewhere() -> None:
    """None is left that nobody runs, and no reason to leave one out has outlived it."""
    here = typed("curl", "python -m function", "python -m events", "export ")
    left = [line for line in lines() if line not in here and not any(other in line for other in ELSEWHERE)]

    assert left == []
    assert [other for other in ELSEWHERE if not any(other in line for line in lines())] == []


def test_every_curl_line_is_answered_as_it_stands(desk: Desk) -> None:
    """In their order: ID is that of the job or upload before; what a line shows has come out."""
    identity, statuses, bodies = "", [], {}
    for line in typed("curl"):
        status, body = desk.curl(line.replace("ID", identity) if "Idempotency" not in line else line)
        statuses.append((line, status))
        bodies[line] = body
        if "uploads?name" in line:
            told = json.loads(body)
            named = "".join(f" -H '{name}: {value}'" for name, value in told["headers"].items())
            assert desk.curl(f"curl -T scan.pdf{named} '{told['url']}'")[0] == 200
        if "POST" in line or "Idempotency" in line:
            identity = json.loads(body)["id"]

    assert [(line, status) for line, status in statuses if status not in {200, 201, 202}] == []
    assert len(statuses) > 12
    [markdown] = [body for line, body in bodies.items() if "result?format=markdown" in line]
    assert "From zero to a page of text" in markdown
    [stream] = [body for line, body in bodies.items() if "format=ndjson" in line]
    assert json.loads(stream.splitlines()[-1])["event"] == "result"


def test_make_run_ends_with_the_words_that_the_readme_shows(desk: Desk) -> None:
    """How to stop it, the page's address, and what to type."""
    [words] = re.findall(r"^The function stays up.*?(?=^```)", README, re.DOTALL | re.MULTILINE)
    here = desk.function.replace("127.0.0.1", "localhost")

    assert "http://localhost:8080/\n" in words
    assert desk.said.endswith(words.replace("localhost:8080", here).replace("http://127.0.0.1:9000", desk.store))


def test_the_upload_that_make_run_proposes_comes_back_as_text(desk: Desk) -> None:
    """The line that it prints, as it stands in the README."""
    [line] = re.findall(r"Upload a file of yours:  (.*)", README)

    assert "From zero to a page of text" in desk.type(line)


def test_every_line_of_the_command_line_does_what_it_shows(desk: Desk) -> None:
    """Files are there, streams are read, keys are kept."""
    for line in typed("python -m function"):
        desk.type(line)

    assert "From zero" in (desk.folder / "out" / "invoice.pdf.md").read_text(encoding="utf-8")
    results = (desk.folder / "results.ndjson").read_text(encoding="utf-8").splitlines()
    samples = {str(path.relative_to(ROOT)) for path in PAGES.rglob("*.*") if path.suffix in {".pdf", ".png", ".jpg"}}
    assert {json.loads(line)["document"]["name"] for line in results} == samples
    assert (desk.folder / "keys").read_text(encoding="utf-8").startswith("alice")


def test_every_line_of_the_event_tools_works_beside_the_bucket(desk: Desk) -> None:
    """With the variables that stand above them."""
    exports = [line for line in typed("export ") if "INBOX" in line or "AWS_" in line]
    samples, sent, told = [desk.type(f"{' && '.join([*exports, line])} 2>&1") for line in typed("python -m events")]

    assert len(exports) == 2
    assert "minio" in samples
    assert "204 No Content" in sent
    assert re.search(r"[1-9]\d* uploads: [1-9]\d* answered", told)
