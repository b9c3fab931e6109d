"""The file of OCR_HOOK_TOKENS_FILE: which webhook shows which token. Messages never hold a token."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from function.settings import SettingsError, wrong_value
from function.spelling import nearest

VARIABLE = "OCR_HOOK_TOKENS_FILE"


def read(path: str) -> dict[str, str] | None:
    """`SENDER TOKEN` a line; empty lines and those that begin with # do not count.

    Args:
        path: of the file; empty where no token is asked for.

    Returns:
        Tokens by sender, or None without a file. With one, a sender without a line has no token to show.

    Raises:
        SettingsError: one line naming the variable and, where one is wrong, the line.
    """
    if not path:
        return None
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise wrong_value(VARIABLE, path, unreadable(problem)) from None
    # Late, because only a front that asks for tokens needs to know its senders this early.
    from events.senders import HOOKS

    pairs = [
        _pair(number, line.split(), HOOKS)
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    return dict(pairs)


def unreadable(problem: OSError | UnicodeDecodeError) -> str:
    """Why a file of secrets cannot be read, and what to do, as a clause."""
    reason = "it is no text in UTF-8" if isinstance(problem, UnicodeDecodeError) else problem.strerror
    return f"{reason}; name a file that is there and may be read, or unset the variable"


def _pair(number: int, words: list[str], senders: Collection[str]) -> tuple[str, str]:
    """One line. A word that is no sender is shown only where it stands in the sender's place: it may be a token."""
    sender, *rest = words
    if rest[:1] and rest[0] in senders and sender not in senders:
        raise SettingsError(f"{VARIABLE}: line {number}: the sender {rest[0]} comes first, then its token.")
    if len(rest) != 1:
        wanted = f"`{sender} TOKEN`" if sender in senders else "`SENDER TOKEN`"
        raise SettingsError(f"{VARIABLE}: line {number}: a line is {wanted}, two words; this one has {len(words)}.")
    if sender not in senders:
        hint = nearest(sender, senders) or "."
        raise SettingsError(
            f"{VARIABLE}: line {number}: no sender is called {sender[:40]!r}; there are {', '.join(senders)}{hint}"
        )
    return sender, rest[0]
