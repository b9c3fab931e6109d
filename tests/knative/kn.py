"""What `kn` 1.23 makes of flags, as far as the README uses them: facts from its docs/cmd, pkg/flags and pkg/serving.

kn itself is not at hand where tests run, so the Service that `kn service create` would send is built here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_SCALING = "autoscaling.knative.dev/"
#: docs/cmd/kn.md: what every command has.
_GLOBAL = frozenset("--as --as-group --as-uid --cluster --config --context --help --kubeconfig --log-http".split())
#: docs/cmd/kn_service_create.md, knative-v1.23.0; `update` and `apply` share these.
_SERVICE = _GLOBAL | frozenset(
    """--annotation --annotation-revision --annotation-service --arg --cluster-local --cmd --concurrency-limit
    --containers --env --env-file --env-from --env-value-from --image --label --label-revision --label-service --limit
    --lock-to-digest --mount --namespace --no-cluster-local --no-lock-to-digest --no-wait --node-affinity
    --node-selector --port --probe-liveness --probe-liveness-opts --probe-readiness --probe-readiness-opts --profile
    --pull-policy --pull-secret --request --revision-name --scale --scale-activation --scale-init --scale-max
    --scale-metric --scale-min --scale-target --scale-utilization --scale-window --security-context --service-account
    --timeout --toleration --user --volume --wait --wait-timeout --wait-window""".split()
)
#: Command → its flags.
FLAGS = {
    "service create": _SERVICE | {"--filename", "--force", "--tag", "--target"},
    "service apply": _SERVICE | {"--filename", "--force"},
    "service update": _SERVICE | {"--tag", "--target", "--traffic", "--untag"},
    "service delete": _GLOBAL
    | {"--all", "--namespace", "--no-wait", "--target", "--wait", "--wait-timeout", "--wait-window"},
    "revision list": _GLOBAL | {"--all-namespaces", "--namespace", "--no-headers", "--output", "--service"},
    "quickstart kind": frozenset({"--name"}),
    "quickstart minikube": frozenset({"--name"}),
}

Service = dict[str, Any]


def create(words: Sequence[str]) -> Service:
    """The Service of `kn service create NAME FLAG VALUE …`. Raises KeyError for a flag that is not known here."""
    name, *rest = words
    service: Service = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": {}},
        "spec": {"template": {"metadata": {"labels": {}, "annotations": {}}, "spec": {"containers": [{}]}}},
    }
    for flag, value in zip(rest[::2], rest[1::2], strict=True):
        _SET[flag](service, value)
    return service


def _template(service: Service) -> dict[str, Any]:
    template: dict[str, Any] = service["spec"]["template"]
    return template


def _pod(service: Service) -> dict[str, Any]:
    pod: dict[str, Any] = _template(service)["spec"]
    return pod


def _container(service: Service) -> dict[str, Any]:
    container: dict[str, Any] = _pod(service)["containers"][0]
    return container


def _annotate(service: Service, key: str, value: str) -> None:
    _template(service)["metadata"]["annotations"][key] = value


def _scaling(key: str) -> Callable[[Service, str], None]:
    return lambda service, value: _annotate(service, _SCALING + key, value)


def _scale(service: Service, value: str) -> None:
    low, _, high = value.partition("..")
    _annotate(service, f"{_SCALING}min-scale", low)
    _annotate(service, f"{_SCALING}max-scale", high)


def _port(service: Service, value: str) -> None:
    name, _, number = value.rpartition(":")
    _container(service)["ports"] = [{"containerPort": int(number)} | ({"name": name} if name else {})]


def _env(service: Service, value: str) -> None:
    name, _, text = value.partition("=")
    _container(service).setdefault("env", []).append({"name": name, "value": text})


def _env_from(service: Service, value: str) -> None:
    assert value.startswith("secret:")
    reference = {"secretRef": {"name": value.removeprefix("secret:")}}
    _container(service).setdefault("envFrom", []).append(reference)


def _resources(kind: str) -> Callable[[Service, str], None]:
    def set_them(service: Service, value: str) -> None:
        resources = dict(pair.split("=", 1) for pair in value.split(","))
        _container(service).setdefault("resources", {})[kind] = resources

    return set_them


def _probe(kind: str) -> Callable[[Service, str], None]:
    def set_it(service: Service, value: str) -> None:
        scheme, host, port, path = value.split(":")
        assert (scheme, host) == ("http", "")
        _container(service).setdefault(kind, {})["httpGet"] = {"path": path, "port": int(port)}

    return set_it


def _probe_options(kind: str) -> Callable[[Service, str], None]:
    def set_them(service: Service, value: str) -> None:
        pairs = (pair.split("=") for pair in value.split(","))
        _container(service).setdefault(kind, {}).update({key[0].lower() + key[1:]: int(text) for key, text in pairs})

    return set_them


def _volume(service: Service, value: str) -> None:
    name, _, what = value.partition("=")
    kind, _, size = what.split(":")
    assert kind == "emptyDir"
    volume = {"name": name, "emptyDir": {"sizeLimit": size.removeprefix("size=")}}
    _pod(service).setdefault("volumes", []).append(volume)


def _mount(service: Service, value: str) -> None:
    path, _, name = value.partition("=")
    _container(service).setdefault("volumeMounts", []).append({"name": name, "mountPath": path})


def _label(of: Callable[[Service], dict[str, Any]]) -> Callable[[Service, str], None]:
    def set_it(service: Service, value: str) -> None:
        key, _, text = value.partition("=")
        of(service)["labels"][key] = text

    return set_it


def _security(service: Service, value: str) -> None:
    """DefaultStrictSecCon of pkg/flags/podspec_helper.go."""
    assert value == "strict"
    _container(service)["securityContext"] = {
        "allowPrivilegeEscalation": False,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }


_SET: dict[str, Callable[[Service, str], None]] = {
    "--image": lambda service, value: _container(service).update(image=value),
    "--port": _port,
    "--env": _env,
    "--env-from": _env_from,
    "--concurrency-limit": lambda service, value: _pod(service).update(containerConcurrency=int(value)),
    "--timeout": lambda service, value: _pod(service).update(timeoutSeconds=int(value)),
    "--request": _resources("requests"),
    "--limit": _resources("limits"),
    "--scale": _scale,
    "--scale-metric": _scaling("metric"),
    "--scale-utilization": _scaling("target-utilization-percentage"),
    "--scale-window": _scaling("window"),
    "--annotation-revision": lambda service, value: _annotate(service, *value.split("=", 1)),
    "--label-service": _label(lambda service: service["metadata"]),
    "--label-revision": _label(lambda service: _template(service)["metadata"]),
    "--probe-readiness": _probe("readinessProbe"),
    "--probe-readiness-opts": _probe_options("readinessProbe"),
    "--probe-liveness": _probe("livenessProbe"),
    "--probe-liveness-opts": _probe_options("livenessProbe"),
    "--volume": _volume,
    "--mount": _mount,
    "--security-context": _security,
}
