"""Draws the sample documents anew: `python warmup/pages/make.py`.

English (a born-digital PDF), Chinese, a photograph, a table and a turned page, each with its text beside it. They are
what `make run` reads first, and small on purpose. The fonts come from Debian's fonts-dejavu-core and
fonts-wqy-microhei (`apt-get install`, as root; needed for drawing only); the texts were written for this project.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).resolve().parent
SERIF = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
SANS = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
BOLD = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
CHINESE = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
INK, PAPER = 25, 255

#: A heading, then paragraphs, each a list of lines as they are broken on the page.
ENGLISH = (
    ["From zero to a page of text"],
    [
        "A document arrives, and nobody is waiting for it. The reader wakes up, opens the",
        "file, looks at one page after another and writes down what it has found there. When",
        "the last page is done it goes back to sleep, and sleep costs nothing.",
    ],
    [
        "Some pages bring their own text along. This one does: it was never printed and never",
        "scanned, so its letters can simply be copied. A few lines are read from the picture all",
        "the same, to see whether the two agree.",
    ],
    [
        "Other pages are nothing but pictures. Then the reader has to find every line of ink,",
        "decide which way is up, and spell the words out letter by letter.",
    ],
)
CHINESE_TEXT = (
    ["雨后的山谷"],
    ["清晨的雨停了，山谷里升起一层薄雾。溪水比昨天更急，", "石头上的青苔也更绿了。"],
    ["中午太阳出来，蝴蝶在野花之间飞舞。老人坐在桥边，", "把每一种鸟的名字写进本子里。"],
    ["傍晚，风从北面吹来，云慢慢散开。明天会是一个晴天，", "气温大约二十度。"],
)
PHOTO = (
    ["The lighthouse keeper's log"],
    ["Monday. Wind from the west, sea", "calm. Nine ships passed before noon,", "and the lamp was cleaned twice."],
    [
        "Tuesday. Fog all day. The horn was",
        "sounded every thirty seconds until",
        "the evening, when the stars came out.",
    ],
    ["Wednesday. A boat brought bread,", "oil and three letters from home."],
)
TURNED = (
    ["How a river finds its way"],
    [
        "Water always takes the easiest path, but it is never in a hurry to",
        "find it. Where the ground is hard it waits and rises; where the",
        "ground is soft it digs a little deeper every year.",
    ],
    [
        "After a thousand winters the valley looks as if it had been made",
        "for the river. It was the other way round: the river made the",
        "valley, one grain of sand at a time.",
    ],
)
TABLE_TITLE = "Trees of the village park"
TABLE = (
    ("Tree", "Height", "Planted", "Leaves fall"),
    ("Oak", "21 m", "1893", "November"),
    ("Beech", "27 m", "1910", "October"),
    ("Birch", "16 m", "1978", "September"),
    ("Yew", "9 m", "1854", "never"),
)

#: The page that every start reads: type size in points and text. A runtime compiles anew for each width to which lines
#: are padded (function/engines/rapid/recognition.py), and the first document shall find that done: here is a line for
#: each but the widest, which hardly any page has; numbers and signs are among them.
START = (
    (11.5, "Ink."),
    (11.5, "The lamp is"),
    (11.5, "lit; it has 26 letters before it,"),
    (11.5, "ten digits (0 to 9) and a few signs: quote?"),
    (11.5, "Before anybody asks, it reads this page and says it aloud."),
    (10, "If that is not what stands here, it opens no doors: better no answer than a wrong one."),
    (
        6.8,
        (
            "Each line is longer than the last one, for words and sentences alike shall find it awake; "
            "now it is ready for boxes, invoices, quizzes, jokes."
        ),
    ),
)
#: For runtimes that compile nothing by shape, to which a whole page would only be a second's work more.
STRIP = ((11.5, "The lamp is lit, the reader wakes up: 26 letters"), (11.5, "and ten digits, 0 to 9."))

Paragraphs = Sequence[Sequence[str]]


def text_of(paragraphs: Paragraphs, between: str = " ") -> str:
    """The expected text: a paragraph a line, an empty line between two."""
    return "\n\n".join(between.join(lines) for lines in paragraphs) + "\n"


def pdf(paragraphs: Paragraphs) -> bytes:
    """A PDF of one A4 page in Helvetica, which every viewer brings along; written by hand to need no library."""
    commands, y = ["BT"], 770
    for index, lines in enumerate(paragraphs):
        commands.append("/F2 20 Tf" if index == 0 else "/F1 11.5 Tf")
        for line in lines:
            escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            commands.append(f"1 0 0 1 64 {y} Tm ({escaped}) Tj")
            y -= 17
        y -= 20 if index == 0 else 14
    return _drawn(commands)


def start_page(name: str) -> bytes:
    """A page that every start reads: `page` is A4, `strip` is two lines."""
    return lines_of(START) if name == "page" else lines_of(STRIP, 330, 80)


def text_of_lines(lines: Sequence[tuple[float, str]]) -> str:
    """The expected text, line by line."""
    return "\n".join(text for _, text in lines) + "\n"


def lines_of(lines: Sequence[tuple[float, str]], width: int = 595, height: int = 842) -> bytes:
    """A PDF of one page, in points, each line by itself in its own size."""
    commands = ["BT"]
    for index, (size, text) in enumerate(lines):
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        commands += [f"/F1 {size:g} Tf", f"1 0 0 1 30 {height - 25 - 30 * index} Tm ({escaped}) Tj"]
    return _drawn(commands, width, height)


def _drawn(commands: Sequence[str], width: int = 595, height: int = 842) -> bytes:
    """The page that these text operators make."""
    stream = "\n".join([*commands, "ET"])
    fonts = "/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >>"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R {fonts} >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        font.format("Helvetica"),
        font.format("Helvetica-Bold"),
    ]
    return _with_table_of_objects(objects)


def _with_table_of_objects(objects: Sequence[str]) -> bytes:
    """The file around numbered objects: header, objects, where each begins, trailer (ISO 32000-1, 7.5)."""
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    count = len(objects) + 1
    end = f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {count}\n0000000000 65535 f \n{table}{end}".encode("ascii")


def page(paragraphs: Paragraphs, width: int, height: int, fonts: tuple[str, str], size: int) -> Image.Image:
    """Dark text on white paper; the first paragraph is the heading."""
    image = Image.new("L", (width, height), PAPER)
    draw = ImageDraw.Draw(image)
    x, y = width // 10, height // 12
    for index, lines in enumerate(paragraphs):
        points = round(size * 1.6) if index == 0 else size
        font = ImageFont.truetype(fonts[0 if index == 0 else 1], points)
        for line in lines:
            draw.text((x, y), line, font=font, fill=INK)
            y += round(points * 1.6)
        y += size
    return image


def table(title: str, rows: Sequence[Sequence[str]]) -> Image.Image:
    """A ruled table under its title."""
    image = Image.new("L", (1240, 760), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((120, 60), title, font=ImageFont.truetype(BOLD, 44), fill=INK)
    left, top, wide, high = 120, 160, 250, 90
    for row, cells in enumerate(rows):
        font = ImageFont.truetype(BOLD if row == 0 else SANS, 30)
        for column, cell in enumerate(cells):
            x, y = left + column * wide, top + row * high
            draw.rectangle((x, y, x + wide, y + high), outline=INK, width=3)
            draw.text((x + 24, y + 26), cell, font=font, fill=INK)
    return image


def photograph(image: Image.Image, seed: int = 7) -> Image.Image:
    """As if taken by hand under a lamp: seen from the side, unevenly lit, soft, noisy."""
    width, height = image.size
    bent = image.transform(
        (width, height),
        Image.Transform.PERSPECTIVE,
        _perspective(
            [(0.05, 0.04), (0.96, 0.01), (1.0, 0.97), (0.0, 1.0)],
            width,
            height,
        ),
        Image.Resampling.BICUBIC,
        fillcolor=95,
    )
    pixels = np.asarray(bent.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32)
    down, across = np.mgrid[0:height, 0:width]
    distance = np.hypot(across - 0.35 * width, down - 0.25 * height) / np.hypot(width, height)
    lit = pixels * (1.0 - 0.45 * distance) + np.random.default_rng(seed).normal(0, 5, pixels.shape)
    warm = np.stack([lit, lit * 0.95, lit * 0.84], axis=-1)
    return Image.fromarray(np.clip(warm, 0, 255).astype(np.uint8))


def _perspective(corners: Sequence[tuple[float, float]], width: int, height: int) -> list[float]:
    """The eight coefficients that Pillow wants, from where the corners (fractions, clockwise) end up."""
    to = [(x * width, y * height) for x, y in corners]
    origin = [(0, 0), (width, 0), (width, height), (0, height)]
    rows, values = [], []
    for (x, y), (u, v) in zip(to, origin, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows, float), np.array(values, float))]


def main() -> None:
    """Write every sample and its text."""
    (HERE / "english.pdf").write_bytes(pdf(ENGLISH))
    chinese = page(CHINESE_TEXT, 1240, 760, (CHINESE, CHINESE), 38)
    chinese.quantize(16).save(HERE / "chinese.png", optimize=True)
    photograph(page(PHOTO, 1000, 900, (BOLD, SERIF), 32)).save(HERE / "photo.jpg", quality=60)
    table(TABLE_TITLE, TABLE).quantize(16).save(HERE / "table.png", optimize=True)
    turned = page(TURNED, 1400, 760, (BOLD, SERIF), 32).transpose(Image.Transpose.ROTATE_270)
    turned.quantize(16).save(HERE / "turned.png", optimize=True)

    for name, lines in (("page", START), ("strip", STRIP)):
        (HERE / "start" / f"{name}.pdf").write_bytes(start_page(name))
        (HERE / "start" / f"{name}.txt").write_text(text_of_lines(lines), encoding="utf-8")

    texts = {"english": text_of(ENGLISH), "chinese": text_of(CHINESE_TEXT, ""), "photo": text_of(PHOTO)}
    texts["turned"] = text_of(TURNED)
    texts["table"] = "\n".join([TABLE_TITLE, "", *("\t".join(row) for row in TABLE)]) + "\n"
    for name, text in texts.items():
        (HERE / f"{name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
