"""The page is for everybody: by keyboard, with a screen reader, on a phone, in the dark, in English and in Chinese."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, expect

from function import errors
from function.results.model import BlockType
from tests.server import Server
from tests.web.visitor import Visitor, block, page_of, png

_WORDS = """async () => {
  const folder = document.querySelector("script").src.replace("app.js", "words/");
  const [en, zh] = await Promise.all(["en", "zh"].map(async (name) => (await import(`${folder}${name}.js`)).default));
  const marked = [...document.querySelectorAll("[data-word]")].map((element) => element.dataset.word);
  return [Object.keys(en), Object.keys(zh), marked];
}"""
#: What may be Latin on a Chinese page: names, formats, units, languages' own names.
_NAMES = set(
    """Zeropage English PDF PNG JPEG TIFF WebP BMP GIF PNM MB kB API GPU Markdown JSON HTML hOCR ALTO ZIP Word stub
    canned chinese english photo table turned scan notes png pdf jpg txt json""".split()
)
_SEEN = """() => [document.title, document.body.innerText, ...[...document.querySelectorAll("[aria-label], [alt]")]
  .map((element) => element.ariaLabel ?? element.alt)].join("\\n")"""
#: What a visitor's document can meet.
_MET = (
    errors.BadRequest, errors.SentTooSlowly, errors.TooLarge, errors.TooManyPages, errors.TooManyPixels,
    errors.UnsupportedType, errors.Corrupt, errors.Encrypted, errors.Busy, errors.TooOften, errors.Unauthorized,
    errors.Unexpected, errors.EngineFailed, errors.EngineUnavailable, errors.NotReady, errors.RendererKilled,
    errors.DeadlineExceeded, errors.UnknownPath,
)  # fmt: skip


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1200, "light", "en-GB"), (375, "dark", "zh-CN")])
def test_axe_finds_nothing(browser: Browser, server: Server, width: int, scheme: Any, locale: str) -> None:
    """Neither at first sight, nor with an answer of every sort, nor after a refusal; and nothing runs off the side."""
    kinds = ["title", "heading", "paragraph", "list", "table", "code", "formula", "footnote"]
    blocks = [block(kind, f"- {kind}", 1 - index / 16) for index, kind in enumerate(kinds)]
    with browser.new_context(
        locale=locale, color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce"
    ) as context:
        visitor = Visitor(context, server).come()
        page = visitor.page
        page.locator("#samples button").first.wait_for()
        found = _violations(visitor)
        visitor.answer_with(page_of(*blocks, degraded="gone", warnings=["cut"]))
        visitor.drop("scan.png", "image/png", png("x"))
        expect(page.locator("#cost")).not_to_be_empty()
        page.locator(".reading .block").first.hover()
        for view in ("tab-reading", "tab-text", "tab-json"):
            page.locator(f"#{view}").click()
            found += _violations(visitor)
        page.unroute_all()
        visitor.drop("notes.txt", "text/plain", b"no document")
        expect(page.get_by_role("alert")).not_to_be_empty()
        found += _violations(visitor)

    assert found == []


def test_the_keyboard_is_enough(visitor: Visitor) -> None:
    """From the first key to the last, and it is always seen where the focus is."""
    page = visitor.page
    page.locator("#samples button").first.wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    _tab_to(visitor, "#file")
    _tab_to(visitor, "#samples button")
    page.keyboard.press("Enter")
    expect(page.locator("#cost")).not_to_be_empty()
    expect(page.locator("#state-title")).to_be_focused()
    _tab_to(visitor, "#tab-reading")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#pages")).to_have_attribute("data-view", "text")
    _tab_to(visitor, "#downloads button")
    _tab_to(visitor, ".box")
    _tab_to(visitor, ".text .block")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_phone_offers_its_camera(browser: Browser, server: Server) -> None:
    """A desk does not."""
    for touch in (True, False):
        with browser.new_context(is_mobile=touch, has_touch=touch, viewport={"width": 390, "height": 800}) as context:
            visitor = Visitor(context, server).come()
            expect(visitor.page.get_by_text("Take a photograph")).to_be_visible(visible=touch)


def test_the_api_is_a_link_away_and_its_page_fits_a_phone(browser: Browser, server: Server) -> None:
    """Its row of links did not wrap."""
    with browser.new_context(viewport={"width": 375, "height": 800}, locale="en-GB") as context:
        page = Visitor(context, server).come().page
        page.get_by_role("link", name="API").click()
        expect(page.get_by_role("link", name="schemas")).to_be_visible()

        assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_the_tongue_is_the_browsers_and_can_be_changed(browser: Browser, server: Server) -> None:
    """All at once, and it is remembered; refusals, reasons and warnings are told in it, too."""
    with browser.new_context(locale="zh-TW") as context:
        visitor = Visitor(context, server).come()
        page = visitor.page
        assert page.evaluate("document.documentElement.lang") == "zh"
        page.locator("#samples button").first.wait_for()
        assert _english(visitor) == set()
        visitor.drop("notes.txt", "text/plain", b"no document")
        visitor.expect_title("notes.txt 未能识别")
        expect(page.get_by_role("alert")).to_contain_text("不支持这种文件")
        assert _english(visitor) == set()

        page.locator("#tongue").select_option("en")
        visitor.expect_title("notes.txt was not read")
        expect(page.get_by_text("Choose a file")).to_be_visible()
        page.reload()
        expect(page.get_by_text("Choose a file")).to_be_visible()


def test_what_was_read_is_told_in_chinese_and_again_in_english(browser: Browser, server: Server) -> None:
    """Whatever the page says changes with its tongue, back and forth, in the middle of a document."""
    reason = "the page also shows what looks like 7 words outside its text layer; lines drawn at random read the same"
    late = "there was no time left for the accurate engine, which takes 5 s now"
    torn = {"type": "urn:zeropage:problem:corrupt", "title": "Damaged", "detail": "the PDF has no pages", "remedy": "x"}
    cut = "page 1 is damaged: a part of its picture may be missing"
    with browser.new_context(locale="zh-CN", viewport={"width": 360, "height": 740}) as context:
        visitor = Visitor(context, server).come()
        page = visitor.page
        visitor.answer_with(
            page_of(block("table", "一\t二", 0.9), rung="text", reason=reason, rotation=90, degraded=late),
            {**page_of(error=torn, rung=None, reason="the page could not be read"), "number": 2, "width": 0},
            warnings=[cut, "this GIF holds several pictures; only the first was read"],
        )
        visitor.drop("scan.png", "image/png", png("x"))
        visitor.expect_title("scan.png 只识别了一部分")
        expect(page.locator("#warnings li").first).to_have_text("第 1 页已损坏：图像可能缺了一部分。")
        expect(page.locator(".why").first).to_have_text(
            "原因：页面上还有大约 7 个不在文字层里的词；随机抽查的几行与图像一致"
        )
        expect(page.locator("article").nth(1)).to_contain_text("解决办法：")
        expect(page.locator("#clock")).to_contain_text("2 页 · ")
        page.get_by_role("button", name="下载 JSON", exact=True).click()
        expect(page.locator("#downloading")).to_have_text("已保存 scan.png.json。")
        assert _english(visitor) == set()

        page.locator("#tongue").select_option("en")
        expect(page.locator("#clock")).to_contain_text("2 pages · ")
        expect(page.locator("#downloading")).to_have_text("scan.png.json was saved.")
        expect(page.locator("#warnings li").first).to_have_text(f"P{cut[1:]}.")
        assert not re.search("[一-鿿]", page.evaluate(_SEEN).replace("中文", "").replace("一", "").replace("二", ""))
        page.locator("#tongue").select_option("zh")
        assert _english(visitor) == set()


def test_every_word_is_there_in_every_tongue(visitor: Visitor) -> None:
    """In English the server tells most refusals itself; Chinese has a title and a remedy for each that can be met."""
    en, zh, marked = visitor.page.evaluate(_WORDS)
    phases = visitor.page.request.get(f"{visitor.server.url}/readyz").json()["cold_start"]["phases"]
    plain, problems = ([name for name in en if (":" in name) == told] for told in (False, True))

    assert [name for name in zh if ":" not in name] == plain
    assert set(problems) <= set(zh)
    names = [kind("").name for kind in _MET]
    assert {f"{part}:{name}" for name in names for part in ("problem", "remedy")} <= set(zh)
    assert {f"type_{kind}" for kind in get_args(BlockType)} <= set(plain)
    assert {f"phase_{phase['name']}" for phase in phases} <= set(plain)
    assert set(marked) <= set(plain)
    assert len(marked) > 10


def _english(visitor: Visitor) -> set[str]:
    """Words that are neither names nor a request's number."""
    return set(re.findall(r"\b[A-Za-z]{3,}\b", visitor.page.evaluate(_SEEN))) - _NAMES


def _tab_to(visitor: Visitor, selector: str) -> None:
    focused = f"document.activeElement.matches({selector!r})"
    for _ in range(30):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate(focused):
            return
    raise AssertionError(f"the Tab key does not lead to {selector}")


def _violations(visitor: Visitor) -> list[str]:
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    told = [f"{wide} pixels too wide"] if wide > 0 else []
    found = Axe().run(visitor.page).response["violations"]
    return told + [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for one in found for node in one["nodes"]
    ]
