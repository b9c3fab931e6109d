"""From lines anywhere on a page to blocks in reading order.

`arrange` does it from the lines alone; `find_rulings` adds the ruled lines of a drawn page, which make tables certain.
"""

from __future__ import annotations

from function.reading.layout.arranging import arrange
from function.reading.layout.rulings import find_rulings

__all__ = ["arrange", "find_rulings"]
