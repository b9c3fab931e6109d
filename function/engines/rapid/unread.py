"""What was found on a page and could not be read: told, for a script that the model does not know leaves no trace."""

from __future__ import annotations

from collections.abc import Sequence

from function.page import ReadLine

#: Below this a line is noise: a stain, a ruling, a script that the model was never shown.
NOISE = 0.5
#: Confidence below which a line is in doubt, and below which it is guesswork. On sound print (scans, photos, old books,
#: screenshots) a quarter of the text, of a page in Fraktur, is in doubt at most and no line is guesswork; where some
#: letters are not known, as in Vietnamese, most lines are in doubt, and where all are not, every line is guesswork.
_SURE, _GUESSED = 0.9, 0.7
#: A line so many times wider for each of its characters than it is high was not read, whatever the confidence.
_WIDEST_CHARACTER = 3.0
#: Shares of a page's text from which a warning is due: less guesswork is a stamp, or letters seen in a picture.
_MUCH_DOUBT, _MUCH_GUESSED = 0.5, 0.1
#: … and room for so many characters: one blot in a photograph is none that somebody wrote.
_LEAST_ROOM = 4.0

_WARNING = (
    "{} of {} lines found on the page were not read, or with doubt: their script or some of its letters may be unknown "
    "to the fast engine (it reads Latin, Han and kana), or the picture too poor"
)


def warnings(lines: Sequence[ReadLine]) -> list[str]:
    """A warning where much of a page's text is in doubt, weighed by how many characters its lines have room for.

    Args:
        lines: of all that was found, also those of which nothing was read.
    """
    rooms = [_room(line) for line in lines]
    certain = [_certainty(line, room) for line, room in zip(lines, rooms, strict=True)]
    doubted, guessed = (
        sum(room for room, certainty in zip(rooms, certain, strict=True) if certainty < least)
        for least in (_SURE, _GUESSED)
    )
    much = doubted > _MUCH_DOUBT * sum(rooms) or guessed > _MUCH_GUESSED * sum(rooms)
    if not much or doubted < _LEAST_ROOM:
        return []
    return [_WARNING.format(sum(certainty < _SURE for certainty in certain), len(lines))]


def _certainty(line: ReadLine, room: float) -> float:
    printed = len("".join(line.text.split()))  # of unknown scripts the blanks between words are read
    return line.confidence if printed * _WIDEST_CHARACTER >= room else 0.0


def _room(line: ReadLine) -> float:
    x0, y0, x1, y1 = line.box
    long, short = max(x1 - x0, y1 - y0), min(x1 - x0, y1 - y0)
    return max(float(len(line.text)), long / max(1.0, short))
