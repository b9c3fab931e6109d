"""The built cpu image, run as a pod would run it: user, read-only root, real documents, SIGTERM under load."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein

from events import ours, writing
from events.uploads import DocumentUploaded
from tests import s3_server
from tests.conftest import PAGES, ROOT
from tests.doors.test_server import eventually, metric
from tests.image import container
from tests.image.conftest import Image
from tests.processes import descendants_of
from tests.server import Answer, Client, Server

pytestmark = pytest.mark.image

#: A Python file's bytecode that is believed without a look at the file: PEP 552's flags for unchecked-hash.
UNCHECKED_HASH = 0b01
#: Endings of files that hold weights.
WEIGHTS = {".onnx", ".pdiparams", ".safetensors", ".gguf", ".pt", ".bin", ".xml"}


def letters(text: str) -> str:
    """Without white space."""
    return "".join(text.split())


def assert_read(answer: Answer, sample: str) -> None:
    """At most two letters in a hundred differ from the text beside the sample."""
    expected = letters((PAGES / sample).with_suffix(".txt").read_text(encoding="utf-8"))
    assert answer.status == 200, answer.body
    assert Levenshtein.distance(expected, letters(answer.body.decode())) <= 0.02 * len(expected), answer.body.decode()


@pytest.fixture(scope="module")
def server(image: Image) -> Iterator[Server]:
    """One that serves, for all tests that leave it running."""
    with image.serve() as running:
        yield running


def test_the_configuration_is_what_kubernetes_wants(image: Image) -> None:
    """A numeric user that is not root, no shell around the program, labels filled in, nothing that becomes a volume."""
    labels = image.config["Labels"]

    assert image.config["User"] == "65532:65532"
    assert image.config["Entrypoint"] + image.config["Cmd"] == ["python", "-m", "function", "serve"]
    assert image.config["WorkingDir"] == "/app"
    assert not image.config.get("Volumes")
    assert labels["org.opencontainers.image.version"] == "0.1.0"
    assert labels["org.opencontainers.image.revision"] not in {"", "unknown"}
    assert labels["org.opencontainers.image.base.name"].startswith("localhost/zeropage-base:")


@pytest.mark.parametrize("sample", ["english.pdf", "chinese.png", "table.png"])
def test_a_document_is_read(server: Server, sample: str) -> None:
    """Over HTTP, by the models inside the image, every page through the engine."""
    with Client(server.url) as client:
        answer = client.parse((PAGES / sample).read_bytes(), name=sample, ocr="always", format="text")

    assert_read(answer, sample)


def test_it_runs_without_any_privilege_on_a_read_only_root(server: Server) -> None:
    """Every process of it: the image's user, no capability, no way to one; only /tmp and /dev/shm can be written."""
    processes = descendants_of(server.pid)
    assert len(processes) >= 3, "PID 1, a worker and a render child"
    for pid in processes:
        status = dict(
            line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
        )
        assert (status["Uid"].split(), status["Gid"].split()) == (["65532"] * 4, ["65532"] * 4)
        assert {int(status[name], 16) for name in ("CapPrm", "CapEff", "CapInh", "CapBnd", "CapAmb")} == {0}
        assert status["NoNewPrivs"] == "1"
    mounts = [line.split() for line in Path(f"/proc/{processes[0]}/mountinfo").read_text().splitlines()]
    writable = {mount[4] for mount in mounts if mount[5].split(",")[0] == "rw"}

    assert {"/", "/dev"} <= {mount[4] for mount in mounts if mount[5].split(",")[0] == "ro"}
    assert writable <= {"/tmp", "/proc", "/dev/shm", *(f"/dev/{name}" for name in container.DEVICES)}


def test_pid_1_is_gunicorn_and_sigterm_under_ten_requests_loses_none(image: Image) -> None:
    """A pod is taken away while ten documents are read: ten answers, then exit code 0, and no process left."""
    sample = "photo.jpg"
    body = (PAGES / sample).read_bytes()

    def parse(_: int) -> Answer:
        with Client(pod.url) as client:
            return client.parse(body, name=sample, ocr="always", format="text")

    with image.serve(OCR_SLOTS="10") as pod, ThreadPoolExecutor(10) as callers:
        first = descendants_of(pod.pid)[0]
        assert (Path(f"/proc/{first}/status").read_text().partition("NSpid:")[2].splitlines()[0].split())[-1] == "1"
        running = [callers.submit(parse, number) for number in range(10)]
        assert eventually(lambda: metric(pod, "zeropage_slots_held") == 10)
        family = descendants_of(pod.pid)

        code = pod.stop(seconds=240)

        for answer in running:
            assert_read(answer.result(60), sample)
        assert code == 0, pod.logs
        assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


def test_the_other_runtime_is_whole_too(image: Image, tmp_path: Path) -> None:
    """What slim.py took out of ONNX Runtime is not missed."""
    command = ["/usr/bin/env", "OCR_RUNTIME=onnxruntime", *image.command("parse", "--ocr", "always", "-")]
    with (PAGES / "table.png").open("rb") as document:
        done = subprocess.run(command, cwd=ROOT, stdin=document, capture_output=True, timeout=300, check=False)

    assert done.returncode == 0, done.stderr.decode()
    assert "Beech\t27 m\t1910\tOctober" in done.stdout.decode()


def test_an_upload_in_a_bucket_becomes_a_result(image: Image) -> None:
    """Buckets and events work with what slim.py left of botocore."""
    with s3_server.running() as s3:
        bucket, key = s3.bucket(name="inbox"), "table.png"
        s3.bucket(name="results")
        s3.s3.put_object(Bucket=bucket, Key=key, Body=(PAGES / key).read_bytes())
        settings = {"OCR_INBOX": "s3://inbox", "OCR_RESULTS": "s3://results", "AWS_ENDPOINT_URL": s3.url}
        headers, body = writing.to_binary(ours.to_event(DocumentUploaded(bucket, key)))
        with image.serve(**s3_server.ENVIRONMENT, **settings) as server, Client(server.url) as client:
            answer = client.request("POST", "/", body, dict(headers))
            assert answer.status in {200, 204}, (answer.body, server.logs)
        written = {entry["Key"] for entry in s3.s3.list_objects_v2(Bucket="results")["Contents"]}

    assert {"table.png.json", "table.png.md"} <= written


def test_bytecode_is_there_and_needs_no_file_times(image: Image) -> None:
    """A cold start compiles nothing: the application, its packages and the standard library."""
    for folder in ("/app", "/venv/lib"):
        sources = [path for path in image.path(folder).rglob("*.py") if "/tests/" not in str(path)]
        compiled = [path.parent / "__pycache__" / f"{path.stem}.cpython-311.pyc" for path in sources]
        lost = [path for path in compiled if not path.exists()]

        assert len(sources) > 30
        # A few packages bring files of other Pythons, which no Python 3.11 could compile.
        assert len(lost) <= 0.01 * len(sources), lost
        flags = {struct.unpack("<I", path.read_bytes()[4:8])[0] for path in compiled if path.exists()}
        assert flags == {UNCHECKED_HASH}
    [library] = image.path("/usr/lib").glob("python3.*/")
    assert (library / "__pycache__" / "argparse.cpython-311.pyc").exists()


def test_nothing_stands_in_the_image_that_only_building_needs(image: Image) -> None:
    """No compiler, no pip, no cache, no secret of the build, no tests; and weights only where rapidocr brings them."""
    binaries = {
        path.name for folder in ("/usr/bin", "/usr/local/bin", "/venv/bin") for path in image.path(folder).glob("*")
    }
    weights = [
        path.relative_to(image.root)
        for folder in ("/app", "/venv")
        for path in image.path(folder).rglob("*")
        # python-docx brings an empty document in pieces, some of them large .xml files.
        if path.suffix in WEIGHTS and path.stat().st_size > 100_000 and "docx" not in path.parts
    ]

    assert {"gcc", "cc", "c++", "make", "pip", "pip3", "buildah"} & binaries == set()
    assert list(image.path("/venv/lib").glob("python3.*/site-packages/pip")) == []
    assert not image.path("/root/.cache").exists()
    assert not image.path("/etc/pip.conf").exists() or image.path("/etc/pip.conf").stat().st_size == 0
    assert not any(image.path("/run/secrets").glob("*"))
    assert sorted(path.name for path in image.path("/app").iterdir()) == ["LICENSE", "events", "function", "warmup"]
    assert {path.parent.name for path in weights} == {"models"}
    assert {path.parent.parent.name for path in weights} == {"rapidocr"}


def test_the_image_user_owns_nothing_and_may_read_everything(image: Image) -> None:
    """Whoever breaks in can change no file of the program, and a clone made under umask 077 runs too."""
    for folder in ("/app", "/venv"):
        for path in image.path(folder).rglob("*"):
            status = path.lstat()
            assert (status.st_uid, status.st_gid) == (0, 0), path
            if not path.is_symlink():
                assert status.st_mode & 0o002 == 0, path
                assert status.st_mode & 0o004, path
