"""Whose pages take turns: the key's tenant, a trusted header, an event's attribute; never the caller's own word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from events import ours, writing
from events.event import Event
from function import api_keys
from function.doors.uploads import tenant_of
from function.reading.queue.waiting_pages import WaitingPages
from function.settings import Settings, SettingsError
from function.wiring import check
from tests.doors.conftest import Bucketed, stamped_png

Clients = Callable[..., FlaskClient]


@pytest.fixture
def tenants(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of each page that was queued."""
    seen: list[str] = []
    put = WaitingPages.put

    def noted(self: WaitingPages, page: object) -> None:
        seen.append(page.caller.tenant)  # type: ignore[attr-defined]
        put(self, page)  # type: ignore[arg-type]

    monkeypatch.setattr(WaitingPages, "put", noted)
    return seen


@pytest.mark.parametrize(("tenant", "told"), [("acme", "acme"), ("", "alice")])
@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_a_key_names_its_tenant_or_itself(
    tenant: str, told: str, form: str, clients: Clients, tenants: list[str], tmp_path: Path
) -> None:
    """Two keys without tenants are two tenants; no header changes that."""
    secret, key = api_keys.make("alice", tenant=tenant)
    (tmp_path / "keys").write_text(key.line + "\n")
    client = clients(api_keys_file=str(tmp_path / "keys"), tenant_header="X-Tenant")
    headers = {"X-API-Key": secret, "X-Tenant": "other"}

    assert client.post(f"/v1/parse?format={form}", data=stamped_png("mine"), headers=headers).data
    assert tenants == [told]


def test_a_header_counts_only_where_it_is_trusted(clients: Clients, tenants: list[str]) -> None:
    """Whoever may choose his tenant has as many turns as he likes."""
    for settings in ({"tenant_header": "X-Tenant"}, {}):
        answer = clients(**settings).post("/v1/parse", data=stamped_png("mine"), headers={"X-Tenant": "acme"})
        assert answer.status_code == 200

    assert tenants == ["acme", ""]


def test_a_header_that_is_no_name_is_refused(clients: Clients) -> None:
    """The gateway has a fault that should be seen."""
    answer = clients(tenant_header="X-Tenant").post("/v1/parse", data=stamped_png("x"), headers={"X-Tenant": "a b"})

    assert answer.status_code == 400
    assert "OCR_TENANT_HEADER" in answer.json["detail"]


def test_an_event_may_name_its_tenant(bucketed: Callable[..., Bucketed], tenants: list[str]) -> None:
    """By an attribute of its own, that a trigger or a source sets."""
    place = bucketed()
    for name, attributes in (("one.png", {"ce-tenant": "acme"}), ("two.png", {}), ("three.png", {"ce-tenant": "a b"})):
        headers, body = writing.to_binary(ours.to_event(place.upload(name, stamped_png(name))))
        assert place.http.post("/", data=body, headers={**headers, **attributes}).status_code < 300

    assert tenants == ["acme", "", ""]


@pytest.mark.parametrize(("extensions", "told"), [({"tenant": "acme"}, "acme"), ({"tenant": 7}, ""), ({}, "")])
def test_what_is_no_name_is_no_tenant(extensions: dict[str, str | int | bool], told: str) -> None:
    """Wherever the event came from."""
    assert tenant_of([Event("1", "/s", "t", extensions=extensions)]) == told
    assert tenant_of([]) == ""


def test_wrong_weights_stop_the_start() -> None:
    """With one line that names the variable."""
    with pytest.raises(SettingsError, match="OCR_TENANT_WEIGHTS='acme' is wrong"):
        check(Settings(tenant_weights="acme"))
