"""Where uploads lie and results go: a bucket, or the part of it below a prefix."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, or the part of it below a prefix.

    Attributes:
        bucket: its name.
        prefix: empty, or a folder, which ends in a slash: `out` is taken for `out/`, so it never means `outlook.pdf`.
    """

    bucket: str
    prefix: str = ""

    def __post_init__(self) -> None:
        if self.prefix and not self.prefix.endswith("/"):
            object.__setattr__(self, "prefix", self.prefix + "/")

    def __contains__(self, address: tuple[str, str]) -> bool:
        """Whether an object, (bucket, key), lies here."""
        bucket, key = address
        return bucket == self.bucket and key.startswith(self.prefix)
