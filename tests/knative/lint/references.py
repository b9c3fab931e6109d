"""Every name that is referred to exists: in the rendering, or among what the instructions tell to create."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from knative.doctor.nodes import REFERENCES
from tests.knative.lint.model import Fault, Resource, World, rule

SINKS = (
    "spec.sink.ref",
    "spec.subscriber.ref",
    "spec.delivery.deadLetterSink.ref",
    "spec.reply.ref",
    "spec.ref",
    "spec.subject",
)
#: Kinds that carry such a reference.
SENDERS = (
    "Trigger",
    "Broker",
    "SinkBinding",
    "Subscription",
    "PingSource",
    "ApiServerSource",
    "ContainerSource",
    "IntegrationSource",
    "CephSource",
    "RabbitmqSource",
    "DomainMapping",
    "EventTransform",
)
#: What tells Argo CD and Flux to leave a thing that is no longer in the repository.
KEPT = {"argocd.argoproj.io/sync-options": "Prune=false", "kustomize.toolkit.fluxcd.io/prune": "disabled"}
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def find(data: Any, path: str) -> Iterator[tuple[str, Any]]:
    """What lies at a dotted path, through lists, too; `[*]` asks for one. With the path as it was taken."""
    found: list[tuple[str, Any]] = [("", data)]
    for key in re.findall(r"[^.\[]+|\[\*\]", path):
        deeper = []
        if key != "[*]":
            found = [inner for outer in found for inner in _each(*outer)]
        for here, value in found:
            if key == "[*]" and isinstance(value, list):
                deeper += [(f"{here}[{index}]", item) for index, item in enumerate(value)]
            elif isinstance(value, dict) and value.get(key) is not None:
                deeper.append((f"{here}.{key}".lstrip("."), value[key]))
        found = deeper
    yield from found


def _each(here: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((f"{here}[{index}]", item) for index, item in enumerate(value))
    else:
        yield here, value


def _missing(world: World, owner: Resource, kind: str, wanted: Iterator[tuple[str, Any]]) -> Iterator[Fault]:
    for path, name in wanted:
        if world.get(kind, name) is None:
            yield Fault(owner, path, f"there is no {kind} {name!r}", "Add it, or correct the name")


@rule("config-map-exists", "a pod whose ConfigMap is missing never starts; hashed names need a nameReference")
def config_map_exists(world: World) -> Iterator[Fault]:
    """envFrom, env and volumes."""
    paths = (
        "containers[*].envFrom[*].configMapRef",
        "initContainers[*].envFrom[*].configMapRef",
        "containers[*].env[*].valueFrom.configMapKeyRef",
        "volumes[*].configMap",
    )
    for pod in world.pods():
        for path in paths:
            for where, ref in find(pod.spec, path):
                config = world.get("ConfigMap", ref.get("name"))
                if config is None and not ref.get("optional"):
                    yield pod.fault(where, f"there is no ConfigMap {ref.get('name')!r}", "Add it, or a nameReference")
                elif config and "key" in ref and ref["key"] not in (config.data.get("data") or {}):
                    yield pod.fault(where, f"{config} has no key {ref['key']!r}", "Correct the key")


@rule(
    "secret-exists", "a Secret is in the rendering, made by a Certificate, or one that the instructions tell to create"
)
def secret_exists(world: World) -> Iterator[Fault]:
    """envFrom, env, volumes, pull secrets, TLS of Ingress and DomainMapping."""
    paths = [f"{path}.{name}" for path, name in REFERENCES]
    known = {secret.name for secret in world.all("Secret")} | world.documented
    known |= {str(certificate.spec.get("secretName")) for certificate in world.all("Certificate")}
    wanted = [
        (pod.fault(where, "", ""), name)
        for pod in world.pods()
        for path in paths
        for where, name in find(pod.spec, path)
    ]
    for resource in world.all(
        "Ingress", "DomainMapping", "ServiceAccount", "IntegrationSource", "TriggerAuthentication"
    ):
        for path in (
            "spec.tls[*].secretName",
            "spec.tls.secretName",
            "imagePullSecrets[*].name",
            "spec.aws.auth.secret.ref.name",
            "spec.secretTargetRef[*].name",
        ):
            wanted += [(Fault(resource, where, "", ""), name) for where, name in find(resource.data, path)]
    for place, name in wanted:
        if name not in known:
            reason = f"nobody creates the Secret {name!r}"
            yield place._replace(reason=reason, remedy="Add `kubectl create secret` to knative/README.md")


@rule(
    "config-kept",
    "a revision at zero reads its ConfigMap again when it starts; GitOps prunes what has another name by now",
)
def config_kept(world: World) -> Iterator[Fault]:
    """Neither Argo CD nor Flux removes a ConfigMap that Knative's pods take their environment from."""
    used = {
        name for pod in world.services() for _, name in find(pod.spec, "containers[*].envFrom[*].configMapRef.name")
    }
    for config in world.all("ConfigMap"):
        lacking = [key for key, value in KEPT.items() if value not in str(config.annotations.get(key)).split(",")]
        if config.name in used and lacking:
            yield Fault(config, "metadata.annotations", f"{', '.join(lacking)} lets it be pruned", f"Set {KEPT}")


@rule("service-account-exists", "pods with an account that is missing are refused")
def service_account_exists(world: World) -> Iterator[Fault]:
    """`default` is always there."""
    for pod in world.pods():
        name = pod.spec.get("serviceAccountName", "default")
        if name != "default" and world.get("ServiceAccount", name) is None:
            yield pod.fault("serviceAccountName", f"there is no ServiceAccount {name!r}", "Add it")


@rule("claim-exists", "a pod whose claim is missing stays Pending")
def claim_exists(world: World) -> Iterator[Fault]:
    """Claims come with the component that mounts them."""
    for pod in world.pods():
        for where, name in find(pod.spec, "volumes[*].persistentVolumeClaim.claimName"):
            if world.get("PersistentVolumeClaim", name) is None:
                yield pod.fault(where, f"there is no PersistentVolumeClaim {name!r}", "Add it")


@rule("broker-exists", "a Trigger is never ready without its Broker")
def broker_exists(world: World) -> Iterator[Fault]:
    """By name, in the same namespace."""
    for trigger in world.all("Trigger"):
        yield from _missing(world, trigger, "Broker", find(trigger.data, "spec.broker"))


@rule("broker-config-exists", "a Broker whose configuration is missing is never ready")
def broker_config_exists(world: World) -> Iterator[Fault]:
    """In its own namespace; one in Eventing's is the administrator's."""
    for broker in world.all("Broker"):
        config = broker.spec.get("config") or {}
        if config and "namespace" not in config and world.get(str(config.get("kind")), config.get("name")) is None:
            yield Fault(broker, "spec.config", f"there is no {config.get('kind')} {config.get('name')!r}", "Add it")


@rule("destination-exists", "kustomize renames a Service and leaves references of kinds it does not know behind")
def destination_exists(world: World) -> Iterator[Fault]:
    """Subscribers, sinks, dead-letter sinks, subjects and mapped Services."""
    for resource in world.all(*SENDERS):
        for path in SINKS:
            for where, ref in find(resource.data, path):
                core = ref.get("apiVersion") == "v1" and ref.get("kind") == "Service"
                kind = "v1 Service" if core else str(ref.get("kind"))
                if ref.get("name") and world.get(kind, ref["name"]) is None:
                    yield Fault(
                        resource, f"{where}.name", f"there is no {kind} {ref['name']!r}", "Add it or correct it"
                    )


@rule("scale-target-exists", "a scaler whose target is missing scales nothing, in silence")
def scale_target_exists(world: World) -> Iterator[Fault]:
    """HPA and KEDA; never aimed at a Deployment that Serving owns."""
    for scaler in world.all(*SCALERS):
        ref = scaler.spec.get("scaleTargetRef") or {}
        if world.get(str(ref.get("kind", "Deployment")), ref.get("name")) is None:
            yield Fault(
                scaler, "spec.scaleTargetRef", f"there is no {ref.get('name')!r}", "Name what is in the rendering"
            )


@rule("trigger-authentication-exists", "KEDA reads no queue without its credentials")
def trigger_authentication_exists(world: World) -> Iterator[Fault]:
    """In the same namespace."""
    for scaler in world.all("ScaledObject", "ScaledJob"):
        wanted = find(scaler.data, "spec.triggers[*].authenticationRef.name")
        yield from _missing(world, scaler, "TriggerAuthentication", wanted)


@rule("role-exists", "a binding to a missing role or account grants nothing")
def role_exists(world: World) -> Iterator[Fault]:
    """Role and subjects."""
    for binding in world.all("RoleBinding", "ClusterRoleBinding"):
        role = binding.data.get("roleRef") or {}
        if world.get(str(role.get("kind")), role.get("name")) is None and not str(role.get("name")).startswith(
            "system:"
        ):
            yield Fault(binding, "roleRef", f"there is no {role.get('kind')} {role.get('name')!r}", "Add it")
        for where, subject in find(binding.data, "subjects[*]"):
            if subject.get("kind") == "ServiceAccount" and world.get("ServiceAccount", subject.get("name")) is None:
                yield Fault(binding, where, f"there is no ServiceAccount {subject.get('name')!r}", "Add it")


@rule("issuer-exists", "a Certificate without its Issuer is never issued; a ClusterIssuer is the administrator's")
def issuer_exists(world: World) -> Iterator[Fault]:
    """Issuers of the namespace come along."""
    for certificate in world.all("Certificate"):
        ref = certificate.spec.get("issuerRef") or {}
        if ref.get("kind", "Issuer") == "Issuer" and world.get("Issuer", ref.get("name")) is None:
            yield Fault(certificate, "spec.issuerRef", f"there is no Issuer {ref.get('name')!r}", "Add it")
