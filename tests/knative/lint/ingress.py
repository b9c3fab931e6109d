"""The way in without Knative: an nginx Ingress in front of a plain Deployment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.knative.lint.model import Fault, Resource, World, number, rule
from tests.knative.lint.parsing import parsed
from tests.knative.lint.references import find
from tests.knative.lint.timing import request_seconds

NGINX = "nginx.ingress.kubernetes.io/"
#: Doors without a key, besides `/` itself.
INSIDE = ("/deadletter", "/metrics")
SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


@rule("backend-exists", "an Ingress to a missing Service or port answers 503")
def backend_exists(world: World) -> Iterator[Fault]:
    """By name and port."""
    for ingress in world.all("Ingress"):
        for where, backend in find(ingress.data, "spec.rules[*].http.paths[*].backend.service"):
            service = world.get("v1 Service", backend.get("name"))
            ports = (service.spec.get("ports") if service else None) or []
            wanted = backend.get("port") or {}
            known = {port.get("name") for port in ports} | {port.get("port") for port in ports}
            if not {wanted.get("name"), wanted.get("number")} & (known - {None}):
                yield Fault(ingress, where, f"there is no {backend.get('name')!r} with that port", "Correct it")


@rule("ingress-body", "nginx takes bodies of 1 MB unless told otherwise: 413 before the function is asked")
def ingress_body(world: World) -> Iterator[Fault]:
    """At least OCR_MAX_REQUEST_BYTES."""
    wanted = max(
        (_largest(world, pod_values) for pod_values in map(world.values, world.pods(knative=False))), default=0
    )
    for ingress in _nginx(world):
        text = str(ingress.annotations.get(f"{NGINX}proxy-body-size", "1m")).lower()
        match = re.fullmatch(r"(\d+)([kmg]?)", text)
        size = int(match[1]) * SIZES[match[2]] if match else 0
        if (size != 0 and size < wanted) or not match:
            path = f"metadata.annotations[{NGINX}proxy-body-size]"
            yield Fault(ingress, path, f"{text} is less than OCR_MAX_REQUEST_BYTES", "Raise it")


def _largest(world: World, values: dict[str, str]) -> int:
    del world
    known = {name: value for name, value in values.items() if name == "OCR_MAX_REQUEST_BYTES"}
    return parsed(known).max_request_bytes


@rule("ingress-timeout", "nginx waits 60 s for an answer unless told otherwise: 504 while the function still reads")
def ingress_timeout(world: World) -> Iterator[Fault]:
    """At least OCR_REQUEST_SECONDS, reading and sending."""
    waits = [request_seconds(world, pod) or 0 for pod in world.pods(knative=False) if pod.serves]
    for ingress in _nginx(world):
        for name in ("proxy-read-timeout", "proxy-send-timeout"):
            value = number(ingress.annotations.get(f"{NGINX}{name}", 60)) or 0
            if value < max(waits, default=0):
                path = f"metadata.annotations[{NGINX}{name}]"
                yield Fault(ingress, path, f"{value:g} s is less than OCR_REQUEST_SECONDS", "Raise it")


@rule("ingress-tls", "documents are confidential: TLS, and plain HTTP is redirected")
def ingress_tls(world: World) -> Iterator[Fault]:
    """A certificate for every host, and the redirect said."""
    for ingress in _nginx(world):
        covered = {host for _, hosts in find(ingress.data, "spec.tls[*].hosts") for host in hosts}
        hosts = {host for _, host in find(ingress.data, "spec.rules[*].host")}
        if not hosts or hosts - covered:
            yield Fault(
                ingress, "spec.tls", f"no certificate for {', '.join(sorted(hosts - covered)) or 'any host'}", "Add it"
            )
        if ingress.annotations.get(f"{NGINX}ssl-redirect") != "true":
            path = f"metadata.annotations[{NGINX}ssl-redirect]"
            yield Fault(ingress, path, "plain HTTP is not said to be redirected", 'Say "true"')


@rule("ingress-buffering", "nginx keeps streamed pages back until its buffer is full")
def ingress_buffering(world: World) -> Iterator[Fault]:
    """Off, so that a page is seen as soon as it is read."""
    for ingress in _nginx(world):
        if ingress.annotations.get(f"{NGINX}proxy-buffering") != "off":
            yield Fault(ingress, f"metadata.annotations[{NGINX}proxy-buffering]", "is not off", 'Say "off"')


@rule("ingress-doors", "events, dead letters and metrics ask for no key: they are the cluster's, not the public's")
def ingress_doors(world: World) -> Iterator[Fault]:
    """No path leads to `/`, `/deadletter` or `/metrics`."""
    for ingress in world.all("Ingress"):
        for where, entry in find(ingress.data, "spec.rules[*].http.paths[*]"):
            path = str(entry.get("path", "/")).rstrip("/")
            if not path or path in INSIDE:
                reason = f"{path or '/'} leads to what asks for no key"
                yield Fault(ingress, f"{where}.path", reason, "List /v1, /predict and /hooks")


def _nginx(world: World) -> Iterator[Resource]:
    return (ingress for ingress in world.all("Ingress") if ingress.spec.get("ingressClassName") == "nginx")
