from __future__ import annotations

import pytest

from events.handshake import handshake

ASKED = {"WebHook-Request-Origin": "eventgrid.azure.net", "webhook-request-rate": "120"}


def test_permission_is_given_by_headers() -> None:
    """The origin by its name, the rate as asked for, and POST."""
    assert handshake(ASKED) == {
        "Allow": "POST, OPTIONS",
        "WebHook-Allowed-Origin": "eventgrid.azure.net",
        "WebHook-Allowed-Rate": "120",
    }


@pytest.mark.parametrize(
    ("asked", "most", "granted"),
    [("120", None, "120"), ("120", 100, "100"), ("50", 100, "50"), ("", 100, "100"), ("", None, "*")]
    + [(wrong, 100, "100") for wrong in ("0", "-1", "many", "9" * 50, "٣")],
)
def test_a_rate_is_granted_up_to_the_limit(asked: str, most: int | None, granted: str) -> None:
    """What is no positive number counts as no wish."""
    answer = handshake(ASKED | {"webhook-request-rate": asked}, per_minute=most)

    assert answer["WebHook-Allowed-Rate"] == granted


@pytest.mark.parametrize(
    ("origin", "origins", "welcome"),
    [
        ("a.example.com", ("*",), True),
        ("a.example.com", ("A.Example.com",), True),
        ("a.example.com", ("*.example.com",), True),
        ("a.example.com", ("example.com",), False),
        ("badexample.com", ("*.example.com",), False),
        ("a.example.com", (), False),
        ("", ("*",), False),
        ("a.example.com\r\nX: y", ("*",), False),
        ("https://a.example.com", ("*",), False),
        ("x" * 300, ("*",), False),
    ],
)
def test_only_welcome_origins_get_a_permission(origin: str, origins: tuple[str, ...], welcome: bool) -> None:
    """Without it the answer says nothing but which methods there are."""
    answer = handshake({"WebHook-Request-Origin": origin}, origins=origins)

    assert ("WebHook-Allowed-Origin" in answer) == welcome
    assert ("WebHook-Allowed-Rate" in answer) == welcome
    assert answer["Allow"] == "POST, OPTIONS"


def test_no_address_is_called_back() -> None:
    """A callback's address is chosen by whoever asks."""
    assert handshake({"WebHook-Request-Callback": "https://10.0.0.1/"}) == {"Allow": "POST, OPTIONS"}
