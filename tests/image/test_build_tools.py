"""What the build stands on besides a builder: what is taken out, what pip is told, what layers weigh."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from knative.image import layers, slim
from tests.conftest import ROOT


def _environment(folder: Path) -> Path:
    """One with a file for every entry of slim.py, and a file that stays."""
    packages = folder / "lib" / "python3.11" / "site-packages"
    for pattern in slim.UNUSED | slim.UNUSED_ON_CPU:
        path = packages / pattern.replace("**", "lib").replace("*", "1") / "file"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * 1000)
    for service in [*slim.SERVICES, "polly"]:
        (packages / "botocore" / "data" / service).mkdir(parents=True)
    (packages / "numpy" / "kept.py").write_text("", encoding="utf-8")
    return packages


def test_what_is_listed_goes_and_the_rest_stays(tmp_path: Path) -> None:
    """The gpu image keeps what paddlex imports."""
    packages = _environment(tmp_path)
    slim.main("gpu", tmp_path)

    assert {path.name for path in (packages / "botocore" / "data").iterdir()} == slim.SERVICES
    assert (packages / "numpy" / "kept.py").exists()
    assert (packages / "shapely" / "file").exists()
    assert not (packages / "openvino" / "include").exists()


def test_an_entry_that_matches_nothing_stops_the_build(tmp_path: Path) -> None:
    """A package that was rearranged by its makers must not grow the image in silence."""
    packages = _environment(tmp_path)
    slim.remove(packages / "openvino" / "include")

    with pytest.raises(SystemExit, match="openvino/include"):
        slim.main("cpu", tmp_path)


def test_a_service_that_we_call_must_be_described(tmp_path: Path) -> None:
    """Before a bucket is asked for and boto3 does not know S3."""
    packages = _environment(tmp_path)
    slim.remove(packages / "botocore" / "data" / "s3")

    with pytest.raises(SystemExit, match="s3"):
        slim.main("cpu", tmp_path)


def test_the_build_asks_the_index_that_this_machine_asks(tmp_path: Path) -> None:
    """Of pip's settings those that say whence packages come; folders of this machine mean nothing inside."""
    (tmp_path / "authority.pem").write_text("PEM", encoding="utf-8")
    told = f"[global]\nindex-url = https://user:word@mirror.example/simple\ncert = {tmp_path}/authority.pem\n"
    (tmp_path / "told.conf").write_text(f"{told}extra-index-url = file:///here https://more.example/\nquiet = 1\n")
    variables = [f"PIP_CONFIG_FILE={tmp_path}/told.conf", f"HOME={tmp_path}"]
    command = [
        "/usr/bin/env",
        "-i",
        *variables,
        sys.executable,
        str(ROOT / "knative" / "image" / "pip_conf.py"),
        str(tmp_path),
    ]
    subprocess.run(command, timeout=60, check=True)
    written = (tmp_path / "pip.conf").read_text(encoding="utf-8").splitlines()

    assert written[0] == "[global]"
    assert "index-url = https://user:word@mirror.example/simple" in written
    assert "extra-index-url = https://more.example/" in written
    assert "cert = /run/secrets/ca.pem" in written
    assert "quiet" not in " ".join(written)
    assert (tmp_path / "ca.pem").read_text(encoding="utf-8") == "PEM"


def _tar(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return data.getvalue()


def test_a_layer_is_weighed_by_the_packages_in_it(tmp_path: Path) -> None:
    """From a `docker save`: who made it, its size, what in it is heavy."""
    base = _tar({"usr/lib/libc.so": b"\0" * 3_000_000})
    packages = _tar({f"venv/lib/python3.11/site-packages/{name}/x": b"\0" * 2_000_000 for name in ("cv2", "numpy")})
    history = [
        {"created_by": "/bin/sh -c #(nop) ADD file:ab in /"},
        {"created_by": "ENV X=1", "empty_layer": True},
        {"created_by": "COPY dir:0123abcd in /venv"},
    ]
    manifest = [{"Config": "config.json", "Layers": ["a/layer.tar", "b/layer.tar"]}]
    members = {"a/layer.tar": base, "b/layer.tar": packages, "config.json": json.dumps({"history": history}).encode()}
    (tmp_path / "image.tar").write_bytes(_tar({**members, "manifest.json": json.dumps(manifest).encode()}))
    first, second = layers.layers(tmp_path / "image.tar")

    assert (first.unpacked, first.parts) == (3_000_000, {"usr/lib": 3_000_000})
    assert (second.made_by, second.parts) == ("COPY /venv", {"cv2": 2_000_000, "numpy": 2_000_000})
    assert 0 < second.compressed < 100_000
    assert "| all | 7.0 |" in layers.table([first, second])
