"""Pictures of pages: the story draws them, and the encoder comes with the first."""

from __future__ import annotations

from function.documents.base import Source
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.previews import Previews, previews
from function.wiring.instance import Function


def preview(function: Function, source: Source, options: Options, caller: Caller) -> tuple[Previews, str]:
    """The pages' pictures and their media type; raises as `reading.previews.previews`."""
    from function.documents.preview import MEDIA_TYPE, picture

    reader = function.reader
    return previews(reader.opener, reader.admission, source, options, caller, picture), MEDIA_TYPE
