"""A soak as a picture: memory, descriptors, threads and latency over pages, one strip each. SVG by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_WIDTH, _HEIGHT, _LEFT, _STEP = 820, 90, 70, 130
_STRIPS = (
    ("rss", "RSS, MiB", 1 / (1 << 20)),
    ("descriptors", "open descriptors", 1.0),
    ("threads", "threads", 1.0),
    ("latency", "P50 of a document, s", 1.0),
)


def draw(samples: Sequence[Mapping[str, float]]) -> str:
    """One strip a figure, each from 0 to its highest.

    Args:
        samples: in order; `pages` is the way across, the others are drawn.
    """
    most = max(sample["pages"] for sample in samples)
    parts = []
    for index, (name, title, scale) in enumerate(_STRIPS):
        values = [sample[name] * scale for sample in samples]
        highest, bottom = max(values) or 1.0, 30 + index * _STEP + _HEIGHT
        points = " ".join(
            f"{_LEFT + _WIDTH * sample['pages'] / most:.1f},{bottom - _HEIGHT * value / highest:.1f}"
            for sample, value in zip(samples, values, strict=True)
        )
        parts += [
            f'<text x="{_LEFT}" y="{bottom - _HEIGHT - 8}" font-weight="bold">{title}</text>',
            f'<line x1="{_LEFT}" y1="{bottom}" x2="{_LEFT + _WIDTH}" y2="{bottom}" stroke="#d8dee4"/>',
            f'<text x="{_LEFT - 6}" y="{bottom - _HEIGHT + 5}" text-anchor="end">{highest:.4g}</text>',
            f'<text x="{_LEFT - 6}" y="{bottom}" text-anchor="end">0</text>',
            f'<polyline points="{points}" fill="none" stroke="#2a6f97" stroke-width="1.8"/>',
        ]
    high = 30 + len(_STRIPS) * _STEP
    parts.append(f'<text x="{_LEFT + _WIDTH}" y="{high - 8}" text-anchor="end">{most:.0f} pages</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 20} {high}" '
        f'font-family="sans-serif" font-size="13" role="img" aria-label="Soak">\n{chr(10).join(parts)}\n</svg>\n'
    )
