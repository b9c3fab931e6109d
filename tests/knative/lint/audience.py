"""Deliveries with a token of the cluster (OCR_EVENTS_AUDIENCE): who sends shows it, and the function can judge it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from function.event_tokens import ACCOUNT
from knative.doctor.eventing import CHANNEL, OIDC
from tests.knative.lint.doors import opened
from tests.knative.lint.model import Fault, Pod, Resource, World, rule
from tests.knative.lint.selectors import selects
from tests.knative.lint.triggers import broker_class

#: Classes of brokers that show tokens (knative.dev/docs/eventing/features/sender-identity).
SHOW = {CHANNEL, "Kafka", "KafkaNamespaced"}
JUDGES = "system:auth-delegator"
#: Where API servers listen; 443 in some clouds, and mostly open for stores.
API = 6443


def asked(world: World, pod: Pod) -> str:
    """The audience that a pod asks deliveries for; empty where it asks for none."""
    return world.values(pod).get("OCR_EVENTS_AUDIENCE", "")


def asking(world: World) -> Iterator[Pod]:
    """Services that ask, and take deliveries at all."""
    for pod in world.services():
        if asked(world, pod) and opened(world, pod) & {"events", "deadletter"}:
            yield pod


def ends(world: World) -> Iterator[tuple[Resource, str, dict[str, Any], str]]:
    """Each end of a delivery that is a Service of ours: whose, its path, what is said there, the audience asked for."""
    wanted = {pod.owner.name: asked(world, pod) for pod in world.services()}
    for resource in world.all("Trigger", "Broker"):
        delivery = resource.spec.get("delivery") or {}
        for path, end in (
            ("spec.subscriber", resource.spec.get("subscriber") or {}),
            ("spec.delivery.deadLetterSink", delivery.get("deadLetterSink") or {}),
        ):
            name = (end.get("ref") or {}).get("name")
            if name in wanted:
                yield resource, path, end, wanted[name]


@rule("audience-shown", "a delivery without the token is answered 401, which no broker repeats: dead-lettered at once")
def audience_shown(world: World) -> Iterator[Fault]:
    """Subscribers and dead-letter sinks have the audience that is asked for there."""
    for resource, path, end, wanted in ends(world):
        if (end.get("audience") or "") != wanted:
            yield Fault(resource, f"{path}.audience", f"{end.get('audience')!r} is not {wanted!r}", "Say the same")


@rule("audience-broker", "RabbitMQ's broker shows no token, whatever audience its Trigger names")
def audience_broker(world: World) -> Iterator[Fault]:
    """The channel broker does, and Kafka's."""
    for resource, path, end, _ in ends(world):
        broker = resource if resource.kind == "Broker" else world.get("Broker", resource.spec.get("broker"))
        if end.get("audience") and broker is not None and broker_class(broker) not in SHOW:
            reason = f"{broker_class(broker)} shows no token"
            yield Fault(resource, f"{path}.audience", reason, "Take another broker, or leave events-audience out")


@rule("audience-feature", "an audience means nothing while authentication-oidc of Eventing is off")
def audience_feature(world: World) -> Iterator[Fault]:
    """It is the administrator's to turn on."""
    for resource, path, end, _ in ends(world):
        if end.get("audience") and world.cluster.eventing.get(OIDC, "disabled").lower() != "enabled":
            yield Fault(resource, f"{path}.audience", f"needs {OIDC}", "Apply knative/cluster-settings")


@rule("audience-judged", "the cluster's API judges tokens for whoever shows its own and may ask (TokenReview)")
def audience_judged(world: World) -> Iterator[Fault]:
    """Token and authority are mounted, and the account is bound to the role, in its namespace."""
    for pod in asking(world):
        if not any(_api_access(pod, container) for _, container in pod.containers(init=False)):
            yield pod.fault("containers[0].volumeMounts", f"no token at {ACCOUNT}", "Project token and ca.crt there")
        account = pod.spec.get("serviceAccountName", "default")
        bound = [
            (binding, subject)
            for binding in world.all("ClusterRoleBinding")
            for subject in binding.data.get("subjects") or []
            if (binding.data.get("roleRef") or {}).get("name") == JUDGES and subject.get("name") == account
        ]
        if not bound:
            yield pod.fault("serviceAccountName", f"{account!r} is not bound to {JUDGES}", "List events-audience")
        for binding, subject in bound:
            if not subject.get("namespace"):
                yield Fault(binding, "subjects", f"{account!r} has no namespace", "Say `namespace:` in your folder")


def _api_access(pod: Pod, container: dict[str, Any]) -> bool:
    """Whether the function's own token and the API's authority lie where it looks."""
    volumes = {volume.get("name"): volume.get("projected") or {} for volume in pod.spec.get("volumes") or []}
    files = {
        path
        for mount in container.get("volumeMounts") or []
        if mount.get("mountPath") == str(ACCOUNT)
        for source in volumes.get(mount.get("name"), {}).get("sources") or []
        for path in (
            (source.get("serviceAccountToken") or {}).get("path"),
            *(item.get("path") for item in (source.get("configMap") or {}).get("items") or []),
        )
    }
    return {"token", "ca.crt"} <= files


@rule("audience-egress", "a policy sees the API server behind its Service, mostly on port 6443")
def audience_egress(world: World) -> Iterator[Fault]:
    """A policy for whoever asks lets it out there."""
    for pod in asking(world):
        for policy in world.all("NetworkPolicy"):
            rules = policy.spec.get("egress") or []
            ports = [port.get("port") for entry in rules for port in entry.get("ports") or []]
            is_open = API in ports or any(not entry.get("ports") for entry in rules)
            chosen = selects(policy.spec.get("podSelector") or {}, pod.labels, knative=True)
            if chosen and "Egress" in (policy.spec.get("policyTypes") or []) and not is_open:
                yield Fault(policy, "spec.egress", f"{pod.owner} cannot reach the API", f"Open {API}")
