"""Which language tags exist: the two letters of ISO 639-1, three of ISO 639-3, and what may follow in BCP 47.

A name such as `german`, or a country's letters such as `jp`, is then told to its writer instead of being taken.
"""

from __future__ import annotations

import re

#: ISO 639-1, from the Library of Congress' list (loc.gov/standards/iso639-2).
_TWO_LETTERS = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
    es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg
    ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta
    te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    """.split()
)
_TAG = re.compile(r"([A-Za-z]{2,3})([-_][A-Za-z0-9]{1,8})*", re.ASCII)


def is_language(tag: str) -> bool:
    """Whether a tag such as `en`, `zh-Hant` or `deu` can name a language; three letters are not looked up."""
    match = _TAG.fullmatch(tag)
    return match is not None and (len(match[1]) == 3 or match[1].lower() in _TWO_LETTERS)
