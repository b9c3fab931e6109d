"""A document on its way through the page, in a real browser: dropped, read page by page, looked at, taken home."""

from __future__ import annotations

import io
import json
import os
import sys
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import BrowserContext, Error, Page, expect

from tests.doors.test_server import eventually, metric
from tests.server import Client, Server
from tests.web import screenshots
from tests.web.downloaded import CHECKS, LABELS
from tests.web.visitor import Visitor, block, open_gate, page_of, pdf, png


def _shown(page: Page) -> None:
    expect(page.locator(".picture image").first).to_be_visible()


def test_pages_appear_one_by_one_with_progress(visitor: Visitor, gates: Path) -> None:
    """The first page stands, with its picture, while the second is still being read; how many there are is told."""
    page = visitor.page
    visitor.drop("scan.pdf", "application/pdf", pdf("one", "gate progress"))

    expect(visitor.articles()).to_have_count(1)
    _shown(page)
    visitor.expect_title("Reading scan.pdf")
    expect(page.locator("#clock")).to_contain_text("1 of 2 pages ·")
    expect(page.locator("#clock")).to_contain_text("left")
    expect(page.locator("#live")).to_have_text("Page 1 of 2 is there.")
    assert page.locator("#progress").evaluate("(bar) => [bar.value, bar.max]") == [1, 2]

    open_gate(gates, "progress")
    expect(visitor.articles()).to_have_count(2)
    visitor.expect_title("scan.pdf is read")
    expect(page.locator("article").nth(1)).to_contain_text("read by the fast engine")
    expect(page.locator("article").nth(1)).to_contain_text("why: ")
    expect(page.locator("#cost")).to_contain_text("s of processor")
    expect(page.locator("#cancel")).to_be_hidden()


def test_cancelling_ends_the_reading(visitor: Visitor, gates: Path) -> None:
    """What had come stands, and the server stops, too."""
    visitor.drop("scan.pdf", "application/pdf", pdf("one", "gate cancel"))
    expect(visitor.articles()).to_have_count(1)

    visitor.page.get_by_role("button", name="Cancel").click()
    visitor.expect_title("Cancelled")
    expect(visitor.page.locator("#downloads")).to_be_hidden()
    expect(visitor.articles()).to_have_count(1)
    assert eventually(lambda: metric(visitor.server, "zeropage_slots_held") == 0)
    open_gate(gates, "cancel")


def test_text_and_its_place_light_each_other_up(visitor: Visitor) -> None:
    """By the pointer and by the keyboard, in both directions."""
    page = visitor.page
    visitor.answer_with(page_of(block("title", "Above"), {**block("paragraph", "Below"), "bbox": [10, 60, 300, 190]}))
    visitor.drop("scan.png", "image/png", png("x"))
    texts, boxes = page.locator(".reading .block"), page.locator(".box")

    texts.nth(1).hover()
    expect(boxes.nth(1)).to_have_class("box lit")
    boxes.nth(0).hover()
    expect(texts.nth(0)).to_have_class("block lit")
    expect(texts.nth(1)).to_have_class("block")

    texts.nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(texts.nth(1)).to_be_focused()
    expect(boxes.nth(1)).to_have_class("box lit")
    page.keyboard.press("Enter")
    expect(boxes.nth(1)).to_be_focused()
    expect(texts.nth(1)).to_have_class("block lit")


def test_a_picture_stands_as_it_was_read(visitor: Visitor) -> None:
    """A page that was turned to be read is shown turned, and fills the outlines' frame; so is a PDF's own picture."""
    visitor.answer_with(page_of(block("title", "Turned"), rotation=270, width=200, height=400))
    visitor.drop("turned.png", "image/png", png("x"))
    _shown(visitor.page)

    image, frame = (visitor.page.locator(name).bounding_box() for name in (".picture image", ".picture"))
    assert abs(image["width"] / image["height"] - 0.5) < 0.01
    assert abs(image["y"] - frame["y"]) < 3
    assert abs(image["height"] - frame["height"]) < 3


def test_a_photograph_stands_as_its_camera_says(visitor: Visitor) -> None:
    """Its EXIF turns the picture under the outlines as it turned it for the reader: what was left is on top."""
    photo, data, turned = Image.new("RGB", (200, 100), "white"), io.BytesIO(), Image.Exif()
    photo.paste("red", (0, 0, 100, 100))
    turned[0x0112] = 6  # the camera's orientation: a quarter turn clockwise is needed
    photo.save(data, "JPEG", exif=turned)
    visitor.answer_with(page_of(width=100, height=200))
    visitor.drop("photo.jpg", "image/jpeg", data.getvalue())
    _shown(visitor.page)

    with Image.open(io.BytesIO(visitor.page.locator(".picture").screenshot())) as seen:
        width, height = seen.size
        above, below = (seen.convert("RGB").getpixel((width // 2, y)) for y in (height // 4, 3 * height // 4))
    assert above[0] > 200
    assert above[1] < 100
    assert below == (255, 255, 255)


def test_a_document_is_sent_once(visitor: Visitor) -> None:
    """Its pages come with their pictures, however many; an image is its own picture."""
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    visitor.drop("scan.pdf", "application/pdf", pdf(*(f"page {number}" for number in range(1, 8))))
    visitor.expect_title("scan.pdf is read")
    visitor.articles().last.scroll_into_view_if_needed()
    expect(visitor.page.locator(".picture image").last).to_be_visible()
    expect(visitor.articles().last.locator(".picture image")).to_have_count(1)
    visitor.drop("scan.png", "image/png", png("x"))
    visitor.expect_title("scan.png is read")
    _shown(visitor.page)

    assert [url.rpartition("previews=")[2] for url in sent] == ["yes", "no"]


def test_tabs_change_what_is_seen(visitor: Visitor) -> None:
    """By the pointer and by the arrows, as tabs do."""
    page = visitor.page
    visitor.paste("scan.png", "image/png", png("first line"))
    expect(page.locator(".reading .block")).to_contain_text("first line")

    page.get_by_role("tab", name="Text").click()
    expect(page.locator(".text")).to_be_visible()
    expect(page.locator(".reading")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="JSON")).to_be_focused()
    expect(page.locator(".json pre")).to_contain_text("first line")
    assert json.loads(page.locator(".json pre").inner_text())["blocks"][0]["text"] == "first line"


def test_what_is_downloaded_is_what_the_server_answers(visitor: Visitor) -> None:
    """In every format that it writes, whether it is asked once more or not; and each file is of its kind."""
    page, document = visitor.page, pdf("one\ntwo", "three")
    visitor.drop("scan.pdf", "application/pdf", document)
    visitor.expect_title("scan.pdf is read")
    with urllib.request.urlopen(f"{visitor.server.url}/web/offer.json") as answer:
        formats = [form["name"] for form in json.load(answer)["formats"]]

    with Client(visitor.server.url) as client:
        for name in formats:
            with page.expect_download() as download:
                page.get_by_role("button", name=f"Download as {LABELS[name]}", exact=True).click()
            data = download.value.path().read_bytes()
            assert download.value.suggested_filename.startswith("scan.pdf.")
            if name in {"markdown", "text"}:
                assert data == client.parse(document, format=name).body
            CHECKS[name](data)
    page.get_by_text("was saved").wait_for()


def test_a_refusal_says_what_helps(visitor: Visitor) -> None:
    """In words for whoever sits before the page, with the request to ask the operator about, and a way on."""
    visitor.drop("notes.txt", "text/plain", b"no document at all")
    visitor.expect_title("notes.txt was not read")

    page = visitor.page
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("This kind of file is not read")
    expect(alert).to_contain_text("What helps: Choose a PDF, PNG")
    expect(alert).to_contain_text("Request ")
    with page.expect_file_chooser():
        alert.get_by_role("button", name="Choose another document").click()
    page.route("**/v1/parse*", lambda route: route.abort())
    visitor.drop("scan.png", "image/png", png("x"))
    expect(alert).to_contain_text("The server cannot be reached")
    page.unroute_all()
    alert.get_by_role("button", name="Try again").click()
    visitor.expect_title("scan.png is read")
    page.route("**/web/samples/*", lambda route: route.abort())
    page.get_by_role("button", name="english.pdf").click()
    expect(alert).to_contain_text("The server cannot be reached")
    visitor.complaints.clear()  # browsers write every status from 400 on into their console


def test_that_a_page_bears_warnings_is_told_in_words_for_people(visitor: Visitor) -> None:
    """Where they stand in the JSON is for programs; here they stand beside the page."""
    pointer = "page 1 bears warnings: see pages[].warnings"
    visitor.answer_with(page_of(block("paragraph", "a", 0.9), warnings=["much was not read"]), warnings=[pointer])
    visitor.drop("scan.png", "image/png", png("x"))
    visitor.expect_title("scan.png is read")

    expect(visitor.page.locator("#warnings li")).to_have_text("Page 1 bears warnings.")
    expect(visitor.page.locator("article .notes li")).to_have_text("much was not read")


def test_a_picture_that_was_cut_is_told(visitor: Visitor) -> None:
    """By a warning that is seen and heard where a part of it was read; where nothing was, it is refused."""
    whole = png("x")
    visitor.drop("cut.png", "image/png", whole[: len(whole) * 2 // 3])
    visitor.expect_title("cut.png is read")
    expect(visitor.page.locator("#warnings li")).to_be_visible()
    expect(visitor.page.locator("#warnings li")).to_have_text(
        "Page 1 is damaged: a part of its picture may be missing."
    )
    expect(visitor.page.locator("#live")).to_contain_text("Page 1 is damaged")

    visitor.drop("cut.png", "image/png", whole[:60])
    visitor.expect_title("cut.png was not read")
    expect(visitor.page.get_by_role("alert")).to_contain_text("The document is damaged")
    expect(visitor.page.locator("#result")).to_be_hidden()


def test_a_key_is_asked_for_where_one_is_needed(context: BrowserContext, server: Server) -> None:
    """And sent with the document; so is its language, where an engine takes one."""
    visitor = Visitor(context, server)
    offered = json.loads(urllib.request.urlopen(f"{server.url}/web/offer.json").read())
    asking = {**offered, "needs_key": True, "languages": ["de", "zh-Hant"]}
    visitor.page.route("**/web/offer.json", lambda route: route.fulfill(json=asking))
    visitor.come().page.get_by_label("API key").fill("secret")
    visitor.page.get_by_label("Tier").select_option("fast")
    visitor.page.get_by_label("Language of the document").select_option("German")

    with visitor.page.expect_request("**/v1/parse*") as asked:
        visitor.drop("scan.png", "image/png", png("x"))
    assert asked.value.headers["authorization"] == "Bearer secret"
    assert asked.value.url.endswith("?tier=fast&language=de&previews=no")
    visitor.expect_title("scan.png is read")


def test_too_large_or_empty_a_document_is_not_even_sent(context: BrowserContext, server: Server) -> None:
    """The limit is known beforehand; and what is of no use on an instance is not there."""
    visitor = Visitor(context, server)
    offered = json.loads(urllib.request.urlopen(f"{server.url}/web/offer.json").read())
    visitor.page.route("**/web/offer.json", lambda route: route.fulfill(json={**offered, "max_bytes": 1_490_000}))
    with visitor.page.expect_response("**/web/offer.json"):
        visitor.come()
    visitor.page.locator("#samples button").first.wait_for()
    for name in ("Language of the document", "API key"):
        expect(visitor.page.get_by_label(name)).to_be_hidden()
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    alert = visitor.page.get_by_role("alert")
    visitor.drop("scan.png", "image/png", png("x") + bytes(1_490_000))
    expect(alert).to_contain_text("OCR_MAX_REQUEST_BYTES")
    expect(visitor.page.locator("#takes")).to_contain_text("up to 1 MB")
    expect(alert).to_contain_text("at most 1 MB are taken")
    visitor.drop("empty.pdf", "application/pdf", b"")
    expect(alert).to_contain_text("The file is empty")
    expect(alert).to_contain_text("Choose another document;")
    expect(alert).not_to_contain_text("curl")

    assert sent == []


def test_a_page_can_do_no_harm(visitor: Visitor) -> None:
    """Formulas are set, tables and code keep their form, and whatever else a document says stays text."""
    attack = "<img src=x onerror=alert(1)>"
    html = f"<table><tr><td colspan=2 onclick=alert(1)>a{attack}<script>alert(1)</script></td></tr></table>"
    visitor.answer_with(
        page_of(
            block("paragraph", attack), block("table", "a", html=html), block("formula", r"\frac{a}{b}"),
            block("formula", r"\href{javascript:alert(1)}{x}"), block("code", "a < b", label="algorithm"),
            block("paragraph", "so $x^2$ grows", label="text"), block("table", "a\tb", rows=[["a", "b"], ["c", "d"]]),
            block("list", "- one\n- two"), block("list", "1. one\n  - two\n  - three\n2. four"),
        )
    )  # fmt: skip
    visitor.drop("scan.png", "image/png", png("x"))
    page = visitor.page

    expect(page.locator(".reading math mfrac")).to_have_count(1)
    expect(page.locator(".reading p math msup")).to_have_count(1)
    expect(page.locator(".reading .block").nth(0)).to_contain_text(attack)
    expect(page.locator(".reading td[colspan='2']")).to_have_text("aalert(1)")
    expect(page.locator(".reading pre code")).to_have_text("a < b")
    expect(page.locator(".reading th")).to_have_count(2)
    expect(page.locator(".reading li")).to_have_count(6)
    expect(page.locator(".reading li li")).to_have_text(["two", "three"])
    bad = ".reading :is(script, img, [onclick], [onerror], a)"
    expect(page.locator(bad)).to_have_count(0)
    assert all("Content Security Policy" in told for told in visitor.complaints)  # the second lock held, too
    visitor.complaints.clear()


def test_doubt_is_tinted_and_the_tint_can_be_switched_off(visitor: Visitor) -> None:
    """On both sides, and never by colour alone."""
    visitor.answer_with(page_of(block("paragraph", "sure"), block("paragraph", "perhaps", confidence=0.6)))
    visitor.drop("scan.png", "image/png", png("x"))
    texts, line = visitor.page.locator(".reading .block"), visitor.page.locator(".line")
    ground = "(element) => getComputedStyle(element).backgroundColor"
    fill = "(element) => getComputedStyle(element).fill"

    expect(texts.nth(1)).to_contain_text("Read with a confidence of 60 %")
    visitor.page.mouse.move(0, 0)
    assert texts.nth(0).evaluate(ground) != texts.nth(1).evaluate(ground)
    assert line.evaluate(fill) != "none"
    visitor.page.get_by_label("Tint what was read with doubt").uncheck()
    expect(line).to_have_css("fill", "none")
    expect(texts.nth(1)).to_have_css("background-color", texts.nth(0).evaluate(ground))


def test_a_slow_network_changes_nothing_but_the_time(visitor: Visitor) -> None:
    """At 400 kbit/s with 300 ms of delay."""
    slow = visitor.page.context.new_cdp_session(visitor.page)
    conditions = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    slow.send("Network.emulateNetworkConditions", conditions)
    visitor.drop("scan.png", "image/png", png("slowly"))

    visitor.expect_title("scan.png is read")
    expect(visitor.page.locator(".reading .block")).to_have_text("slowly")


def test_a_cold_start_is_shown_phase_by_phase_and_a_cut_stream_is_told(context: BrowserContext, tmp_path: Path) -> None:
    """A document that is dropped meanwhile is read as soon as the function is awake; what came before a cut stands."""
    command = (sys.executable, "-m", "tests.web.held_server", str(tmp_path))
    settings = {"OCR_FAST_ENGINE": "stub", "OCR_HEARTBEAT_SECONDS": "0.1"}
    with Server(settings, command=command, wait_until_ready=False) as cold:
        visitor = Visitor(context, cold)
        for _ in range(200):  # the port opens before the engine is loaded
            try:
                visitor.come()
                break
            except Error:
                visitor.page.wait_for_timeout(50)
        visitor.drop("scan.pdf", "application/pdf", pdf("one", "gate never"))
        expect(visitor.page.locator("#state-title")).to_contain_text("Waking up: ")
        expect(visitor.page.locator("#phases .running").first).to_contain_text("under way")

        open_gate(tmp_path, "load")
        expect(visitor.articles()).to_have_count(1)
        expect(visitor.page.locator("#waking-words")).to_contain_text("It was asleep")
        cold.kill()
        visitor.expect_title("scan.pdf was read in part")
        expect(visitor.page.get_by_role("alert")).to_contain_text("The connection was cut")
        expect(visitor.articles()).to_have_count(1)


def test_a_sample_is_read_by_the_real_engine(context: BrowserContext) -> None:
    """One click, and the table stands beside its picture; SCREENSHOTS=folder keeps what was seen."""
    name = "table.png"
    with Server({"OCR_FAST_ENGINE": "rapid"}) as real:
        visitor = Visitor(context, real).come()
        visitor.page.get_by_role("button", name=name).click()
        visitor.expect_title(f"{name} is read")

        expect(visitor.page.locator(".reading td", has_text="Beech")).to_be_visible()
        assert visitor.complaints == []
        if folder := os.environ.get("SCREENSHOTS"):
            screenshots.take(visitor, context, Path(folder))
