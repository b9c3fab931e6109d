"""From lines anywhere on a page to blocks in reading order.

`arrange` does it from the lines alone; of a drawn page, `find_rulings` adds the ruled lines, which make tables certain,
`with_bullets` the signs of lists that were not read, and `with_weights` which lines are bold.
"""

from __future__ import annotations

from function.reading.layout.arranging import arrange
from function.reading.layout.rulings import find_rulings
from function.reading.layout.seen_bullets import with_bullets
from function.reading.layout.seen_weights import with_weights

__all__ = ["arrange", "find_rulings", "with_bullets", "with_weights"]
