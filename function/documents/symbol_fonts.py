"""What the private codes of the old symbol fonts look like.

Office programs still draw bullets and tick boxes with them. Codes are the fonts' own, 0x20 to 0xFF, moved to U+F020 to
U+F0FF as Windows does. Sources: Adobe's Symbol encoding (ISO 32000-1, annex D.5), and the charts of Microsoft's fonts.
"""

from __future__ import annotations

from collections.abc import Mapping

_BASE = 0xF000


def _moved(table: Mapping[int, str]) -> dict[int, str]:
    return {_BASE + code: char for code, char in table.items()}


def _row(first: int, chars: str) -> dict[int, str]:
    return {first + index: char for index, char in enumerate(chars)}


_SYMBOL = _moved(
    {
        **_row(0x20, " !∀#∃%&∋()∗+,−./0123456789:;<=>?"),
        **_row(0x40, "≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_"),
        **_row(0x61, "αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"),
        **_row(0xA1, "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…"),
        **_row(0xC0, "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊"),
        0xE5: "∑",
        0xF2: "∫",
    }
)
_WINGDINGS = _moved(
    {
        0x28: "☎",
        0x2A: "✉",
        0x4A: "☺",
        0x4C: "☹",
        0x6C: "●",
        0x6D: "❍",
        0x6E: "■",
        0x6F: "□",
        0x71: "❑",
        0x72: "❒",
        0x75: "◆",
        0x76: "❖",
        0x77: "⬥",
        **_row(0x81, "①②③④⑤⑥⑦⑧⑨⑩"),
        0x9F: "•",
        0xA7: "▪",
        0xA8: "□",
        0xAB: "★",
        0xB7: "•",
        0xD8: "➢",
        0xDF: "←",
        0xE0: "→",
        0xE8: "➔",
        0xF0: "⇨",
        0xFB: "✗",
        0xFC: "✓",
        0xFD: "☒",
        0xFE: "☑",
    }
)
_WINGDINGS_2 = _moved(
    {
        0x4F: "✗",
        0x50: "✓",
        0x51: "☒",
        0x52: "☑",
        0x53: "☒",
        0x54: "☒",
        0x97: "●",
        0x98: "•",
        0xA2: "■",
        0xA3: "□",
    }
)


def symbols_of(font: str) -> Mapping[int, str]:
    """The meanings of private code points in a font; of the bullets that all of them share where it is none of these.

    Args:
        font: its name, in any spelling (`ABCDEF+Wingdings2`).
    """
    name = font.lower().replace(" ", "").replace("-", "")
    if "wingdings2" in name:
        return _WINGDINGS_2
    if "wingdings3" in name or "webdings" in name:
        return {}
    return _SYMBOL if "symbol" in name else _WINGDINGS
