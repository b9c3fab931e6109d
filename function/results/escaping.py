r"""Keeps plain text plain in Markdown: escapes what CommonMark or GitHub's tables would read as markup, no more.

The rules follow the CommonMark 0.31 and GFM specifications. A delimiter is escaped only where it could act: one lone
asterisk, an underscore inside a word, a hash inside a sentence stay as they are, so that most text is untouched.
"""

from __future__ import annotations

import re

#: A backslash acts before ASCII punctuation and at a line's end.
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)", re.MULTILINE)
#: `<` opens HTML or an autolink only before these.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)")
#: A bracket is a link only before `(`, a definition or a footnote's text only before a colon.
_LINK = re.compile(r"\](?=\(|\[|:)")
_STAR = re.compile(r"\*")
#: Underscores inside a word are no emphasis.
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_TICK = re.compile(r"`")
_TILDE = re.compile(r"~")
#: What acts only in pairs: pattern and the character that has to occur twice.
_PAIRED = ((_STAR, "*"), (_UNDERSCORE, "_"), (_TICK, "`"), (_TILDE, "~"))

_HASHES = re.compile(r"^(?=#{1,6}(?:[ \t]|$))")
_MARKER = re.compile(r"^(?=[-+*](?:[ \t]|$))")
_NUMBER = re.compile(r"^([0-9]{1,9})(?=[.)](?:[ \t]|$))")
#: Thematic breaks, underlines of headings, fences and quotes.
_RULE = re.compile(r"^(?=(?:>|=+[ \t]*$|(?:-[ \t]*)+$|(?:_[ \t]*){3,}$|(?:\*[ \t]*){3,}$|`{3}|~{3}))")
#: The line below a table's head.
_DELIMITER_ROW = re.compile(r"^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")


def escape_inline(text: str) -> str:
    """Escape what would act anywhere in a line: emphasis, code, links, HTML, entities, backslashes."""
    text = _BACKSLASH.sub(r"\\\\", text)
    text = _TAG.sub(r"\\<", text)
    text = _ENTITY.sub(r"\\&", text)
    text = _LINK.sub(r"\\]", text)
    for pattern, character in _PAIRED:
        if text.count(character) > 1:
            text = pattern.sub(lambda found: "\\" + found.group(), text)
    return text


def escape_line_start(line: str) -> str:
    """Escape what would act at the start of a line only: headings, lists, quotes, rules, fences."""
    line = line.lstrip(" \t")
    if _NUMBER.match(line):
        return _NUMBER.sub(r"\1\\", line)
    if line[:1] != "\\" and (_HASHES.match(line) or _MARKER.match(line) or _RULE.match(line)):
        return "\\" + line
    return line


def escape_block(text: str) -> str:
    """Escape a paragraph of one or more lines; its line breaks stay where they are."""
    lines = [escape_line_start(line) for line in escape_inline(text).split("\n")]
    return "\n".join(line.replace("|", "\\|") if _DELIMITER_ROW.match(line) else line for line in lines)


def escape_cell(text: str) -> str:
    """Escape a table's cell, which is always one line."""
    return escape_inline(" ".join(text.split())).replace("|", "\\|")


#: LaTeX inside of a line, as models write it: between dollars, and with something that only LaTeX has.
_MATH = re.compile(r"(?<![\\$])\$(?=[^$`<>\n]*[\\^_{])[^$`<>\n]+\$(?!\$)")
#: What would end a formula early, or mean something to a reader that knows no formulas.
_DOLLARS = re.compile(r"\$+")
_HTML_SIGNS = {"<": r"\lt ", ">": r"\gt "}


def harmless_math(text: str) -> str:
    """LaTeX as it may stand between dollars: one line, no dollars, no HTML and no links for who renders none."""
    for sign, written in _HTML_SIGNS.items():
        text = text.replace(sign, written)
    one_line = " ".join(_DOLLARS.sub("", text).split())
    return one_line.replace("](", "]{}(").replace("`", r"\text{`}")


def escape_block_with_math(text: str) -> str:
    """As `escape_block`, but formulas in dollars stay what they are. For text from models that write LaTeX."""
    formulas: list[str] = []

    def kept(found: re.Match[str]) -> str:
        formulas.append(f"${harmless_math(found[0])}$")
        return f"\ue000{len(formulas) - 1}\ue001"

    escaped = escape_block(_MATH.sub(kept, re.sub("[\ue000\ue001]", "", text)))
    return re.sub("\ue000(\\d+)\ue001", lambda found: formulas[int(found[1])], escaped)
