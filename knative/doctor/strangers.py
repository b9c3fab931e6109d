"""What strangers reach: the ways in from outside the cluster, and the doors behind them that ask for nothing.

Judged by the manifests alone, so that it is said before anything is applied. A setting that only a Secret holds is not
seen here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from knative.doctor.kubectl import Document
from knative.doctor.manifests import Finding, Manifests, dig

VISIBILITY = "networking.knative.dev/visibility"
#: Of function/roles.py, whose parts any Python must do without here; a test compares them.
DOORS = ("parse", "paddlex", "jobs", "events", "hooks", "deadletter")
ROLES = {"all": DOORS, "front": ("jobs", "hooks"), "reader": ("parse", "paddlex", "events")}
#: What a door cannot work without, so that `all` leaves it closed.
NEEDS = {"jobs": "OCR_INBOX", "events": "OCR_INBOX", "hooks": "OCR_INBOX", "deadletter": "OCR_RESULTS"}
TRUSTED = "or say --trusted, where only people whom you trust get there"


class Lock(NamedTuple):
    """What makes doors ask who is there.

    Attributes:
        doors: that it is for.
        setting: without which they take everything from everybody.
        taken: by them.
        mend: what to list.
    """

    doors: frozenset[str]
    setting: str
    taken: str
    mend: str


LOCKS = (
    Lock(
        frozenset({"events", "deadletter"}),
        "OCR_EVENTS_AUDIENCE",
        "events or dead letters without a token",
        "list components/front-and-reader, and strangers reach zeropage-front alone; or keep it inside by the label "
        f"{VISIBILITY}: cluster-local, without a DomainMapping",
    ),
    Lock(
        frozenset({"parse", "paddlex", "jobs"}),
        "OCR_API_KEYS_FILE",
        "documents without a key",
        "list components/api-keys, after front-and-reader or deployment",
    ),
    Lock(
        frozenset({"hooks"}),
        "OCR_HOOK_TOKENS_FILE",
        "webhooks without a token",
        "list components/sources/webhooks, after front-and-reader or deployment",
    ),
)


class Entrance(NamedTuple):
    """A way in.

    Attributes:
        what: has the address.
        field: that makes it so.
        pod: behind it, its spec.
        doors: that this way leads to, if they are open.
    """

    what: str
    field: str
    pod: Document
    doors: frozenset[str] = frozenset(DOORS)


def strangers(manifests: Manifests, *, trusted: bool = False) -> Iterator[Finding]:
    """A line for each door that is open to the world, one for a way in whose doors all ask, or one that there is none.

    Args:
        manifests: what is to be applied.
        trusted: nobody but people one trusts reaches the ingress, so an open door is no fault.
    """
    state = "advice" if trusted else "missing"
    services = {item["metadata"]["name"] for item in manifests.services()}
    for mapping, name in _mapped(manifests):
        if name not in services:
            mend = "list components/front-and-reader, and leave spec.ref as components/https has it"
            found = f"spec.ref: the Service {name} is not among these manifests"
            yield Finding("missing", _called(mapping), found, mend)
    entrances = list(_entrances(manifests))
    if not entrances:
        yield Finding("ok", "ways in from outside", "none")
    for entrance in entrances:
        values = _values(entrance.pod, manifests)
        doors = _opened(values) & entrance.doors
        unlocked = [lock for lock in LOCKS if doors & lock.doors and values.get(lock.setting, "") == ""]
        for lock in unlocked:
            found = f"{entrance.field}: strangers hand in {lock.taken} ({lock.setting} is not set)"
            yield Finding(state, entrance.what, found, f"{lock.mend}; {TRUSTED}")
        if not unlocked:
            yield Finding("ok", entrance.what, "strangers find no door that asks for nothing")


def _called(document: Document) -> str:
    return f"{document['kind']} {document['metadata']['name']}"


def _mapped(manifests: Manifests) -> list[tuple[Document, str]]:
    """DomainMappings, and the Services that they lead to."""
    return [(mapping, name) for mapping in manifests.of("DomainMapping") for name in dig(mapping, "spec.ref.name")]


def _entrances(manifests: Manifests) -> Iterator[Entrance]:
    pods = {item["metadata"]["name"]: (dig(item, "spec.template.spec") or [{}])[0] for item in manifests.services()}
    for service in manifests.services():
        if (service["metadata"].get("labels") or {}).get(VISIBILITY) != "cluster-local":
            field = f"metadata.labels: {VISIBILITY} is not cluster-local"
            yield Entrance(_called(service), field, pods[service["metadata"]["name"]])
    for mapping, name in _mapped(manifests):
        if name in pods:
            yield Entrance(_called(mapping), f"spec.ref: {name}", pods[name])
    for ingress in manifests.of("Ingress", "networking.k8s.io/"):
        yield from _behind(ingress, manifests)


def _behind(ingress: Document, manifests: Manifests) -> Iterator[Entrance]:
    """The Deployments that an Ingress leads to, and the doors that its paths let through."""
    inside = frozenset({"events", "deadletter"})
    paths = {path.rstrip("/") for path in dig(ingress, "spec.rules.http.paths.path")}
    doors = frozenset(DOORS) if paths & {"", "/deadletter"} else frozenset(DOORS) - inside
    names = dig(ingress, "spec.rules.http.paths.backend.service.name")
    for service in manifests.of("Service", "v1"):
        selector = (service.get("spec") or {}).get("selector") or {}
        for template in dig(manifests.of("Deployment"), "spec.template"):
            labels = (template.get("metadata") or {}).get("labels") or {}
            if service["metadata"]["name"] in names and selector.items() <= labels.items():
                field = f"spec.rules: Service {service['metadata']['name']}"
                yield Entrance(_called(ingress), field, template["spec"], doors)


def _values(pod: Document, manifests: Manifests) -> dict[str, str | None]:
    """Of the container that serves; None where something else than these manifests holds the value."""
    served = [container for container in pod.get("containers") or [] if container.get("ports")]
    maps = {item["metadata"]["name"]: item.get("data") or {} for item in manifests.of("ConfigMap")}
    found: dict[str, str | None] = {}
    for name in dig(served[:1], "envFrom.configMapRef.name"):
        found |= maps.get(name, {})
    for entry in dig(served[:1], "env"):
        found[entry["name"]] = entry.get("value", "") if "valueFrom" not in entry else None
    return found


def _opened(values: dict[str, str | None]) -> frozenset[str]:
    names = [name.strip().lower() for name in (values.get("OCR_DOORS") or "all").split(",")]
    named = {door for name in names for door in ROLES.get(name, (name,))}
    return frozenset(door for door in named if door not in NEEDS or values.get(NEEDS[door], "") != "")
