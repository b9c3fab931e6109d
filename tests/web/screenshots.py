"""The pictures of the page in the README, taken by a test: SCREENSHOTS=function/web/screenshots make test."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import BrowserContext, ViewportSize, expect

from tests.web.visitor import Visitor


def take(visitor: Visitor, context: BrowserContext, folder: Path) -> None:
    """A table on a desk, in light; a Chinese page on a phone, in the dark."""
    folder.mkdir(parents=True, exist_ok=True)
    page = visitor.page
    page.emulate_media(reduced_motion="reduce")  # or colours would be caught half way
    page.set_viewport_size({"width": 1100, "height": 1010})
    page.evaluate("scrollTo(0, 0)")
    page.locator(".reading .block").nth(1).hover()
    _keep(page.screenshot(), folder / "desk.png")

    browser = context.browser
    assert browser is not None
    size: ViewportSize = {"width": 390, "height": 800}
    with browser.new_context(locale="zh-CN", viewport=size, has_touch=True, is_mobile=True) as phone:
        other = Visitor(phone, visitor.server).come()
        other.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        other.page.get_by_role("button", name="chinese.png").click()
        expect(other.page.locator("#cost")).not_to_be_empty()
        other.page.locator("#result").evaluate("(element) => element.scrollIntoView()")
        expect(other.page.locator(".picture image")).to_be_visible()
        other.page.locator(".reading .block").nth(1).tap()
        _keep(other.page.screenshot(), folder / "phone.png")


def _keep(png: bytes, target: Path) -> None:
    """With as many colours as such a page needs: a third of the size."""
    Image.open(io.BytesIO(png)).convert("RGB").quantize(128).save(target, optimize=True)
