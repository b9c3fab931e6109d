"""Pages that one Service sends to another (OCR_REMOTE_URL): it is there, takes them, may take as long as it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from function.settings import Settings, SettingsError
from tests.knative.lint.doors import opened
from tests.knative.lint.model import Fault, Pod, Resource, World, number, rule
from tests.knative.lint.parsing import parsed
from tests.knative.lint.selectors import selects

#: Kourier's pods, for what is inside the cluster.
INSIDE = 8081


def settings_of(world: World, pod: Pod) -> Settings:
    """As the function reads them; its defaults where they are wrong, which another rule says."""
    values = world.values(pod)
    # Kubernetes puts variables into later ones.
    told = {k: re.sub(r"\$\((\w+)\)", lambda m: values.get(m[1], m[0]), value) for k, value in values.items()}
    try:
        return parsed(told)
    except SettingsError:
        return Settings()


def asks(world: World) -> Iterator[tuple[Pod, Settings]]:
    """Whoever sends pages elsewhere."""
    for pod in world.pods():
        settings = settings_of(world, pod)
        if pod.serves and "remote" in (settings.fast_engine, settings.accurate_engine):
            yield pod, settings


def target(world: World, settings: Settings) -> Resource | None:
    """The Service that the address names, where it is one of this namespace."""
    host = urlsplit(settings.remote_url).hostname or ""
    name, _, _ = host.partition(".")
    return world.get("Service", name) or world.get("v1 Service", name)


def pairs(world: World) -> Iterator[tuple[Pod, Settings, Pod, Settings]]:
    """Who asks, and the Knative Service that is asked."""
    for pod, settings in asks(world):
        asked = target(world, settings)
        for other in world.services():
            if asked is not None and other.owner is asked:
                yield pod, settings, other, settings_of(world, other)


@rule(
    "remote-exists", "a page sent to a name that nobody has is an outage, again and again: the event is dead-lettered"
)
def remote_exists(world: World) -> Iterator[Fault]:
    """An address within the namespace is a Service of the rendering; others are taken on trust."""
    for pod, settings in asks(world):
        host = urlsplit(settings.remote_url).hostname or ""
        is_inside = host and ("." not in host or re.fullmatch(r"[^.]+(\.[^.]+)?\.svc(\..*)?", host))
        if not host or (is_inside and target(world, settings) is None):
            yield pod.fault("containers[0].env", f"OCR_REMOTE_URL names no Service: {host!r}", "Correct it")


@rule("remote-reads", "pages go to POST /v1/parse with the tier of the rung; without door or engine that is 404 or 400")
def remote_reads(world: World) -> Iterator[Fault]:
    """Whoever is asked opens parse, has the engine itself, and does not ask on."""
    for pod, settings, other, its in pairs(world):
        wants = settings.accurate_engine == "remote"
        if "parse" not in opened(world, other):
            yield other.fault("containers[0].env", f"{pod.owner} sends pages, and parse is closed", "Open it")
        if wants and its.accurate_engine == "none":
            yield other.fault("containers[0].env", "it has no accurate engine", "List gpu, or set OCR_ACCURATE_ENGINE")
        if "remote" in (its.accurate_engine if wants else "", its.fast_engine):
            yield other.fault("containers[0].env", "it would ask on", "Give it an engine of its own")


@rule("remote-timeout", "the start of a GPU counts into the time of whoever asked for it")
def remote_timeout(world: World) -> Iterator[Fault]:
    """Who asks waits no shorter than the other end may take, or wakes it for nothing."""
    for pod, _, other, _ in pairs(world):
        own, its = number(pod.spec.get("timeoutSeconds")), number(other.spec.get("timeoutSeconds"))
        if own is not None and own < (its or 0):
            yield pod.fault("timeoutSeconds", f"{own:g} is less than {its:g} of {other.owner}", "Raise it")


@rule("remote-fills", "a GPU reads several pages at once for little more than one")
def remote_fills(world: World) -> Iterator[Fault]:
    """One pod that asks can fill one that reads."""
    for pod, settings, other, _ in pairs(world):
        room = number(other.spec.get("containerConcurrency")) or 0
        if settings.remote_parallel < room:
            reason = f"OCR_REMOTE_PARALLEL is {settings.remote_parallel}, {other.owner} takes {room:g}"
            yield pod.fault("containers[0].env", reason, "Raise it")


@rule("remote-egress", "pages go through the cluster's ingress, on the ports of its pods (kourier-internal: 8081)")
def remote_egress(world: World) -> Iterator[Fault]:
    """A policy for whoever asks lets them out there."""
    for pod, *_ in pairs(world):
        for policy in world.all("NetworkPolicy"):
            rules = policy.spec.get("egress") or []
            named = [port.get("port") for entry in rules for port in entry.get("ports") or []]
            is_open = INSIDE in named or any(not entry.get("ports") for entry in rules)
            chosen = selects(policy.spec.get("podSelector") or {}, pod.labels, knative=True)
            if chosen and "Egress" in (policy.spec.get("policyTypes") or []) and not is_open:
                yield Fault(policy, "spec.egress", f"{pod.owner} cannot send pages", f"Open {INSIDE} to the ingress")
