"""PaddleX serving's API: its clients change the address, and nothing else."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import docx
import numpy as np
import pytest
import requests
from flask.testing import FlaskClient
from PIL import Image

from function import api_keys
from function.doors.app import create_app
from function.doors.paddlex.again import pages_again
from function.doors.paddlex.answers import Given, layout_page, markdown_of, named_as_paddlex
from function.doors.paddlex.requests import PageAgain, RestructureRequest
from function.engines.stub import StubEngine
from function.page import PageImage, PageReading
from function.results import model
from function.settings import Settings
from function.wiring import build
from tests.doors.conftest import stamped_png, stamped_tiff
from tests.server import Server, stub_server


def size_of(path: Path) -> tuple[int, int]:
    """Of a picture."""
    with Image.open(path) as picture:
        return picture.size


def sent(data: bytes, **fields: object) -> dict[str, Any]:
    """A request's JSON."""
    return {"file": base64.b64encode(data).decode(), "visualize": False, **fields}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A real one: PaddleX's documented clients use requests."""
    with stub_server() as running:
        yield running


def test_the_documented_client_of_ocr_runs_unchanged(server: Server, tmp_path: Path) -> None:
    """It sends base64 and `fileType` alone, and writes `ocrImage` of each page."""
    (tmp_path / "demo.png").write_bytes(stamped_png("one\ntwo"))
    file_data = base64.b64encode((tmp_path / "demo.png").read_bytes()).decode("ascii")

    response = requests.post(f"{server.url}/ocr", json={"file": file_data, "fileType": 1}, timeout=30)

    assert response.status_code == 200
    result = response.json()["result"]
    for number, res in enumerate(result["ocrResults"]):
        (tmp_path / f"ocr_{number}.jpg").write_bytes(base64.b64decode(res["ocrImage"]))
    assert result["ocrResults"][0]["prunedResult"]["rec_texts"] == ["one", "two"]
    assert size_of(tmp_path / "ocr_0.jpg") == (400, 200)


def test_the_documented_client_of_layout_parsing_runs_unchanged(server: Server, tmp_path: Path) -> None:
    """Markdown and its images are written, then `outputImages`; then its pages go to /restructure-pages."""
    file_data = base64.b64encode(stamped_tiff("first", "second")).decode("ascii")

    response = requests.post(f"{server.url}/layout-parsing", json={"file": file_data, "fileType": 1}, timeout=30)

    assert response.status_code == 200
    result = response.json()["result"]
    pages = []
    for number, res in enumerate(result["layoutParsingResults"]):
        folder = tmp_path / f"markdown_{number}"
        folder.mkdir(exist_ok=True)
        (folder / "doc.md").write_text(res["markdown"]["text"])
        for path, data in res["markdown"]["images"].items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(base64.b64decode(data))
        for name, data in res["outputImages"].items():
            (tmp_path / f"{name}_{number}.jpg").write_bytes(base64.b64decode(data))
        pages.append({"prunedResult": res["prunedResult"], "markdownImages": res["markdown"].get("images")})
    payload = {"pages": pages, "concatenatePages": True}
    again = requests.post(f"{server.url}/restructure-pages", json=payload, timeout=30)

    assert (tmp_path / "markdown_1" / "doc.md").read_text() == "second"
    assert size_of(tmp_path / "layout_det_res_1.jpg") == (400, 200)
    assert again.status_code == 200
    [whole] = again.json()["result"]["layoutParsingResults"]
    assert whole["markdown"]["text"] == "first\n\nsecond"
    assert [block["block_content"] for block in whole["prunedResult"]["parsing_res_list"]] == ["first", "second"]


def word(page: dict[str, Any]) -> list[str]:
    """The paragraphs of a page's Word document."""
    document = docx.Document(io.BytesIO(base64.b64decode(page["exports"]["docx"]["content"])))
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text.strip()]


def test_word_documents_come_where_they_are_asked_for(client: FlaskClient) -> None:
    """One a page, or one of all pages that are concatenated; none unasked."""
    body = sent(stamped_tiff("first", "second"), outputFormats=["docx"])
    pages = client.post("/layout-parsing", json=body).json["result"]["layoutParsingResults"]
    again = {"pages": [{"prunedResult": page["prunedResult"]} for page in pages], "outputFormats": ["docx"]}
    [whole] = client.post("/restructure-pages", json={**again, "concatenatePages": True}).json["result"][
        "layoutParsingResults"
    ]
    each = client.post("/restructure-pages", json=again).json["result"]["layoutParsingResults"]
    [unasked] = client.post("/layout-parsing", json=sent(stamped_png("x"))).json["result"]["layoutParsingResults"]

    assert [word(page) for page in pages] == [word(page) for page in each] == [["first"], ["second"]]
    assert [page["exports"]["docx"]["fileName"] for page in pages] == ["page-1.docx", "page-2.docx"]
    assert word(whole) == ["first", "second"]
    assert unasked["exports"] is None


def test_every_answer_stands_in_the_envelope(client: FlaskClient) -> None:
    """`logId` is the caller's, else the request's id; the HTTP status is the `errorCode` where that is not 0."""
    done = client.post("/ocr", json=sent(stamped_png("x"), logId="mine"))
    failed = client.post("/ocr", json=sent(b"no document"), headers={"X-Request-Id": "asked-1"})

    assert {name: done.json[name] for name in ("logId", "errorCode", "errorMsg")} == {
        "logId": "mine", "errorCode": 0, "errorMsg": "Success",
    }  # fmt: skip
    assert failed.status_code == failed.json["errorCode"] == 422
    assert failed.json["logId"] == "asked-1"
    assert set(failed.json) == {"logId", "errorCode", "errorMsg"}


def test_lines_and_sizes_are_told_as_paddlex_tells_them(client: FlaskClient) -> None:
    """Equally many texts, scores, boxes and polygons; of a document of several pages, each page's size."""
    answer = client.post("/ocr", json=sent(stamped_tiff("a\nb", "c"))).json["result"]

    assert answer["dataInfo"] == {"type": "tiff", "numPages": 2, "pages": [{"width": 400, "height": 200}] * 2}
    pruned = answer["ocrResults"][0]["prunedResult"]
    assert pruned["rec_texts"] == ["a", "b"]
    assert {len(pruned[name]) for name in ("rec_scores", "rec_boxes", "rec_polys", "dt_polys")} == {2}
    x0, y0, x1, y1 = pruned["rec_boxes"][0]
    assert pruned["rec_polys"][0] == [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    assert answer["ocrResults"][0]["ocrImage"] is None, "visualize was false"


def test_long_documents_are_not_cut_in_silence(client: FlaskClient) -> None:
    """PaddleX reads ten pages and calls that the document; pictures, which nobody asked for, are left out."""
    file = base64.b64encode(stamped_tiff(*(f"page {number}" for number in range(12)))).decode()
    answer = client.post("/ocr", json={"file": file}).json["result"]

    assert answer["dataInfo"]["numPages"] == len(answer["ocrResults"]) == 12
    assert answer["ocrResults"][11]["prunedResult"]["rec_texts"] == ["page 11"]
    assert answer["ocrResults"][0]["ocrImage"] is None


@pytest.mark.parametrize(
    ("path", "fields", "named"),
    [
        ("/ocr", {"textDetThresh": 0.3}, "textDetThresh"),
        ("/ocr", {"returnWordBox": True}, "returnWordBox"),
        ("/ocr", {"useDocUnwarping": True}, "useDocUnwarping"),
        ("/ocr", {"useLayoutDetection": True}, "useLayoutDetection"),
        ("/ocr", {"fileType": 2}, "fileType"),
        ("/ocr", {"fileType": 0}, "fileType is 0"),
        ("/ocr", {"file": "data:image/png;base64,AAAA"}, "base64"),
        ("/ocr", {"file": ""}, "empty"),
        ("/ocr", {"visualize": "yes"}, "visualize"),
        ("/ocr", {"file": "http://example.com/a.pdf"}, "OCR_URL_INPUT"),
        ("/layout-parsing", {"temperature": 0.1}, "temperature"),
        ("/layout-parsing", {"outputFormats": ["pdf"]}, "outputFormats"),
        ("/layout-parsing", {"promptLabel": "table"}, "useLayoutDetection=false"),
        ("/layout-parsing", {"restructurePages": True, "mergeTables": False}, "mergeTables"),
        ("/layout-parsing", {"useChartRecognition": True}, "OCR_ACCURATE_ENGINE"),
        ("/layout-parsing", {"useDocUnwarping": True}, "OCR_ACCURATE_ENGINE"),
        ("/layout-parsing", {"layoutShapeMode": "poly"}, "layoutShapeMode"),
        ("/restructure-pages", {}, "file"),
        ("/restructure-pages", None, "pages"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(
    path: str, fields: dict[str, Any] | None, named: str, client: FlaskClient
) -> None:
    """No field is passed over in silence."""
    body = {"pages": [{"prunedResult": {}}]} if fields is None else sent(stamped_png("x"), **fields)

    answer = client.post(path, json=body)

    assert answer.status_code == answer.json["errorCode"] == 422
    assert named in answer.json["errorMsg"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"file": 1}', b"\xff"])
def test_what_is_no_such_json_is_refused(body: bytes, client: FlaskClient) -> None:
    """In the envelope, as everything."""
    assert client.post("/ocr", data=body).json["errorCode"] == 422


def test_fields_that_are_nested_without_end_are_refused(client: FlaskClient) -> None:
    """They are the sender's fault, and were told as ours."""
    deep = b'{"file": "", "vlmExtraArgs": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001

    assert client.post("/layout-parsing", data=deep).json["errorCode"] == 422


def test_switches_that_ask_for_nothing_are_taken(client: FlaskClient) -> None:
    """PaddleOCR's hosted clients always send these as false."""
    off = dict.fromkeys(("useDocOrientationClassify", "useDocUnwarping", "useTextlineOrientation"), False)
    ocr = client.post("/ocr", json=sent(stamped_png("x"), **off, returnWordBox=False))
    layout = client.post("/layout-parsing", json=sent(stamped_png("x"), **off, useChartRecognition=False))

    assert (ocr.status_code, layout.status_code) == (200, 200)


class Flattening(StubEngine):
    """Knows one wish, and says which wishes it heard."""

    wishes = frozenset({"unwarp"})
    heard: Mapping[str, str]

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """As the stub."""
        self.heard = pages[0].asked.wishes
        return super().read(pages)


def test_pages_are_flattened_where_the_accurate_engine_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """`useDocUnwarping` has it read every page, and is told; what it does not know is refused unread."""
    engine = Flattening()
    monkeypatch.setattr("function.wiring.engines._stub_engine", lambda _: engine)
    function = build(Settings(fast_engine="stub", accurate_engine="stub"), fast=StubEngine())
    function.start()
    function.wait_until_ready()
    http = create_app(function).test_client()

    flat = http.post("/layout-parsing", json=sent(stamped_png("bent"), useDocUnwarping=True)).json
    charts = http.post("/layout-parsing", json=sent(stamped_png("bent"), useChartRecognition=True)).json
    function.stop()

    [page] = [told["prunedResult"] for told in flat["result"]["layoutParsingResults"]]
    assert (engine.heard, page["rung"]) == ({"unwarp": "yes"}, "accurate")
    assert page["model_settings"]["use_doc_unwarping"] is True
    assert (charts["errorCode"], "useChartRecognition cannot be had" in charts["errorMsg"]) == (422, True)


def turned(text: str) -> bytes:
    """A stamped page that lies on its side: a quarter clockwise brings it upright."""
    page = np.asarray(Image.open(io.BytesIO(stamped_png(text))))
    data = io.BytesIO()
    Image.fromarray(np.rot90(page)).save(data, "PNG")
    return data.getvalue()


def test_boxes_are_of_the_page_as_it_came_where_that_is_asked_for(client: FlaskClient) -> None:
    """`useDocOrientationClassify` false; otherwise of the upright page, and the angle is told."""
    upright = client.post("/layout-parsing", json=sent(turned("side"))).json
    came = client.post("/layout-parsing", json=sent(turned("side"), useDocOrientationClassify=False)).json

    told = [answer["result"]["layoutParsingResults"][0]["prunedResult"] for answer in (upright, came)]
    assert [(page["width"], page["height"]) for page in told] == [(400, 200), (200, 400)]
    assert {page["doc_preprocessor_res"]["angle"] for page in told} == {90}
    x0, y0, x1, y1 = told[0]["parsing_res_list"][0]["block_bbox"]
    assert told[1]["parsing_res_list"][0]["block_bbox"] == [y0, 400 - x1, y1, 400 - x0]


def page_of(blocks: list[model.Block], **more: Any) -> model.PageResult:
    """A page of 100 × 200."""
    return model.PageResult(1, 100, 200, None, "fast", "", more.pop("rotation", 0), blocks, "", **more)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_turned_boxes_are_where_the_pixels_are(rotation: int) -> None:
    """Marked on the upright page, found on the page as it came."""
    upright = np.zeros((200, 100), np.uint8)
    upright[20:50, 10:30] = 1
    came = np.rot90(upright, rotation // 90)

    given = Given(page_of([], rotation=rotation), as_it_came=True)
    x0, y0, x1, y1 = map(int, given.box([10, 20, 30, 50]))

    assert (given.height, given.width) == came.shape
    assert came[y0:y1, x0:x1].all()
    assert came.sum() == (x1 - x0) * (y1 - y0)


def found() -> list[model.Block]:
    """A heading, a figure, a table and a page number."""
    box = [10.0, 20.0, 30.0, 40.0]
    return [
        model.Block("heading", box, "1 Trees", 0.9, [], label="paragraph_title"),
        model.Block("figure", box, "", 0.9, [], image="page-1-figure-1.jpg", label="image"),
        model.Block("table", box, "a\tb", 0.9, [], rows=[["a", "b<"]]),
        model.Block("page_number", box, "7", 0.9, [], label="number"),
    ]


def test_blocks_bear_paddlex_names_and_pictures_its_paths() -> None:
    """Tables are HTML, ignored labels leave the Markdown, pictures stand where it says, and are found again."""
    page = page_of(found(), images=[model.Image("page-1-figure-1.jpg", "image/jpeg", b"JPEG")])
    named = named_as_paddlex(page, Given(page, as_it_came=False))
    pruned = layout_page(named, 1, as_it_came=False, formatted=False)
    options: dict[str, Any] = {"ignored": ["number"], "with_images": True}
    plain = markdown_of(named.blocks, named.images or [], pretty=False, **options)
    pretty = markdown_of(named.blocks, named.images or [], pretty=True, **options)
    [again] = pages_again(RestructureRequest(pages=[PageAgain(prunedResult=pruned, markdownImages=plain.images)]))

    path = "imgs/img_in_image_box_10_20_30_40.jpg"
    blocks = pruned["parsing_res_list"]
    assert [block["block_label"] for block in blocks] == ["paragraph_title", "image", "table", "number"]
    assert [block["block_order"] for block in blocks] == [1, None, 2, None]
    assert blocks[2]["block_content"] == "<table><tr><td>a</td><td>b&lt;</td></tr></table>"
    assert plain.images == {path: base64.b64encode(b"JPEG").decode()}
    assert f"![figure]({path})" in plain.text
    assert "7" not in plain.text
    assert f'<img src="{path}"' in pretty.text
    assert again.markdown.images == plain.images
    assert path in again.markdown.text
    assert again.markdown.text.count("| a | b< |") == 1


def test_keys_and_limits_are_told_in_the_envelope(clients: Callable[..., FlaskClient], tmp_path: Path) -> None:
    """The same guard as everywhere; AI Studio's clients write `token` before their key. 429 says when to come back."""
    secret, key = api_keys.make("alice", rate=2)
    (tmp_path / "keys").write_text(key.line)
    http = clients(api_keys_file=str(tmp_path / "keys"))

    stranger = http.post("/ocr", json=sent(stamped_png("x")))
    shown = {"Authorization": f"token {secret}"}
    answers = [http.post("/ocr", json=sent(stamped_png("x")), headers=shown) for _ in range(3)]

    assert stranger.status_code == stranger.json["errorCode"] == 401
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json["errorCode"] == 429
    assert int(answers[2].headers["Retry-After"]) > 0
    assert http.get("/health").json["errorMsg"] == "Healthy"


def test_the_limit_counts_the_document_and_not_its_base64(clients: Callable[..., FlaskClient]) -> None:
    """As many bytes as the other doors take; one more is 413, whether the body is too long or the document in it."""
    document = stamped_png("x")
    fits, short = clients(max_request_bytes=len(document)), clients(max_request_bytes=len(document) - 1)

    assert fits.post("/ocr", json=sent(document)).status_code == 200
    for body in (json.dumps(sent(document)), json.dumps(sent(document)) + " " * (2 << 20)):
        answer = short.post("/ocr", data=body)
        assert answer.status_code == answer.json["errorCode"] == 413
        assert "OCR_MAX_REQUEST_BYTES" in answer.json["errorMsg"]


def test_health_tells_whether_documents_can_be_read() -> None:
    """503 while the engine is loaded, for what waits for it."""
    function = build(Settings(fast_engine="stub"), fast=StubEngine())
    http = create_app(function).test_client()

    answer = http.get("/health")
    reading = http.post("/ocr", json=sent(stamped_png("x")))

    assert answer.status_code == answer.json["errorCode"] == 503
    assert reading.status_code == reading.json["errorCode"] == 503
    assert reading.headers["Retry-After"]
