"""What a rule sees: the resources of one rendering, their pods, what a container's environment comes to, the cluster.

A rule is a function that yields faults. It has a name, by which tests and people speak of it, and the fact it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.knative.lint.cluster import Cluster

#: Where a kind keeps the pods that it makes.
POD_TEMPLATES = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "JobSink": ("spec", "job", "spec", "template"),
    "Pod": (),
}
KNATIVE = "serving.knative.dev"


@dataclass(frozen=True)
class Resource:
    """One document of a rendering."""

    data: dict[str, Any]

    @property
    def kind(self) -> str:
        """`Service` is Knative's; the core one is `v1 Service`."""
        kind = str(self.data.get("kind"))
        return f"v1 {kind}" if kind == "Service" and self.data.get("apiVersion") == "v1" else kind

    @property
    def group(self) -> str:
        """`serving.knative.dev`; empty for the core."""
        group, slash, _ = str(self.data.get("apiVersion")).rpartition("/")
        return group if slash else ""

    @property
    def name(self) -> str:
        """As it stands in the metadata."""
        return str(self.metadata.get("name"))

    @property
    def metadata(self) -> dict[str, Any]:
        """Name, labels, annotations."""
        return self.data.get("metadata") or {}

    @property
    def spec(self) -> dict[str, Any]:
        """Empty where there is none."""
        return self.data.get("spec") or {}

    @property
    def annotations(self) -> dict[str, Any]:
        """Empty where there are none."""
        return self.metadata.get("annotations") or {}

    def __str__(self) -> str:
        """The name that messages and cases use."""
        return f"{self.kind}/{self.name}"


class Fault(NamedTuple):
    """What a rule found."""

    resource: Resource
    path: str
    reason: str
    remedy: str


class Variable(NamedTuple):
    """One variable that a container gets; the value is None where a Secret or the node gives it."""

    resource: Resource
    path: str
    name: str
    value: str | None


@dataclass(frozen=True)
class Pod:
    """A template of pods, and who makes them."""

    owner: Resource
    path: str
    template: dict[str, Any]

    @property
    def spec(self) -> dict[str, Any]:
        """The pod's own."""
        return self.template.get("spec") or {}

    @property
    def labels(self) -> dict[str, str]:
        """Those of the template, and those that Serving adds."""
        labels = dict((self.template.get("metadata") or {}).get("labels") or {})
        if self.owner.kind == "Service":
            labels |= {f"{KNATIVE}/service": self.owner.name, f"{KNATIVE}/configuration": self.owner.name}
        return labels

    @property
    def serves(self) -> bool:
        """Whether the function answers here, in a Service of Knative or a Deployment, and no cache beside it."""
        is_cache = self.labels.get("app.kubernetes.io/component") == "cache"
        return self.owner.kind in {"Service", "Deployment"} and not is_cache

    @property
    def annotations(self) -> dict[str, Any]:
        """Of the template: where autoscaling is told."""
        return (self.template.get("metadata") or {}).get("annotations") or {}

    def containers(self, *, init: bool = True) -> Iterator[tuple[str, dict[str, Any]]]:
        """Path and container; those that run before the others too."""
        for key in ("initContainers", "containers") if init else ("containers",):
            for index, container in enumerate(self.spec.get(key) or []):
                yield f"{self.path}.spec.{key}[{index}]", container

    def beside(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The containers that nobody reaches from outside: all but the first, which is the function's."""
        yield from list(self.containers(init=False))[1:]

    def fault(self, path: str, reason: str, remedy: str) -> Fault:
        """At `path` below the pod's own spec, or at a container's full path."""
        full = path if path.startswith(f"{self.path}.") else f"{self.path}.spec.{path}"
        return Fault(self.owner, full, reason, remedy)


@dataclass(frozen=True)
class World:
    """A rendering, and where it is applied.

    Attributes:
        resources: in their order.
        cluster: what the administrator has allowed.
        documented: names of Secrets that the instructions tell to create.
    """

    resources: list[Resource]
    cluster: Cluster = field(default_factory=Cluster)
    documented: frozenset[str] = frozenset()

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, Any]], **more: Any) -> World:
        """From parsed YAML."""
        return cls([Resource(dict(document)) for document in documents if document], **more)

    def all(self, *kinds: str) -> Iterator[Resource]:
        """Those of a kind."""
        return (resource for resource in self.resources if resource.kind in kinds)

    def get(self, kind: str, name: object) -> Resource | None:
        """The one of this name."""
        return next((resource for resource in self.all(kind) if resource.name == name), None)

    def pods(self, *, knative: bool | None = None) -> Iterator[Pod]:
        """Every template of pods: of Knative Services, of all others, or of both."""
        for resource in self.resources:
            if resource.kind == "Service" and knative is not False:
                yield Pod(resource, "spec.template", resource.spec.get("template") or {})
            elif resource.kind in POD_TEMPLATES and knative is not True:
                keys = POD_TEMPLATES[resource.kind]
                template: Any = resource.data
                for key in keys:
                    template = template.get(key) or {}
                yield Pod(resource, ".".join(keys), template)

    def services(self) -> Iterator[Pod]:
        """The templates of Knative Services."""
        return self.pods(knative=True)

    def environment(self, pod: Pod, path: str, container: Mapping[str, Any]) -> list[Variable]:
        """What the container gets, in Kubernetes' order: envFrom first, then env, where the last of a name wins."""
        found = []
        for source in container.get("envFrom") or []:
            config = self.get("ConfigMap", (source.get("configMapRef") or {}).get("name"))
            for name, value in ((config and config.data.get("data")) or {}).items():
                found.append(Variable(config, f"data.{name}", source.get("prefix", "") + name, value))
        for index, entry in enumerate(container.get("env") or []):
            value = None if "valueFrom" in entry else str(entry.get("value", ""))
            found.append(Variable(pod.owner, f"{path}.env[{index}]", str(entry.get("name")), value))
        return found

    def values(self, pod: Pod) -> dict[str, str]:
        """The plain values of the container that serves."""
        for path, container in pod.containers(init=False):
            return {
                entry.name: entry.value for entry in self.environment(pod, path, container) if entry.value is not None
            }
        return {}


Check = Callable[[World], Iterable[Fault]]


@dataclass(frozen=True)
class Rule:
    """A check with its name and the fact behind it."""

    name: str
    fact: str
    check: Check


@dataclass(frozen=True)
class Finding:
    """A fault, and the rule that found it."""

    rule: Rule
    fault: Fault

    def __str__(self) -> str:
        """Where, why, what to do, and whose rule it is."""
        fault = self.fault
        return f"{fault.resource} {fault.path}: {fault.reason}. {fault.remedy}. [{self.rule.name}: {self.rule.fact}]"


RULES: dict[str, Rule] = {}


def rule(name: str, fact: str) -> Callable[[Check], Check]:
    """Enter a check among the rules."""

    def enter(check: Check) -> Check:
        assert name not in RULES, f"two rules are called {name}"
        RULES[name] = Rule(name, fact, check)
        return check

    return enter


def number(value: object) -> float | None:
    """A number, or a string that is one; None for anything else."""
    try:
        return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        return None
