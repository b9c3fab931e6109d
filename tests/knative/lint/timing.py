"""Times and numbers that must agree: the Service's, the function's, the broker's, the drain's."""

from __future__ import annotations

from collections.abc import Iterator

from function.settings import Settings
from tests.knative.lint.model import Fault, Pod, World, number, rule

DEFAULTS = Settings()


def request_seconds(world: World, pod: Pod) -> float | None:
    """The function's own deadline."""
    return number(world.values(pod).get("OCR_REQUEST_SECONDS", DEFAULTS.request_seconds))


@rule("timeout", "timeoutSeconds holds cold start, queueing and reading; the webhook takes 600 unless raised")
def timeout(world: World) -> Iterator[Fault]:
    """Said, and within what the cluster takes."""
    for pod in world.services():
        value = number(pod.spec.get("timeoutSeconds"))
        if value is None or not 0 < value <= world.cluster.max_timeout:
            reason = f"{value} is not within 1..{world.cluster.max_timeout}"
            yield pod.fault("timeoutSeconds", reason, "Lower it, or raise max-revision-timeout-seconds")


@rule("first-byte", "responseStartTimeoutSeconds stays at 300 unless it is set: 504 for whoever reads longer")
def first_byte(world: World) -> Iterator[Fault]:
    """Equal to timeoutSeconds: a result has one byte only when it is done."""
    for pod in world.services():
        if pod.spec.get("responseStartTimeoutSeconds") != pod.spec.get("timeoutSeconds"):
            reason = f"{pod.spec.get('responseStartTimeoutSeconds')} is not timeoutSeconds"
            yield pod.fault("responseStartTimeoutSeconds", reason, "Set it equal to timeoutSeconds")


@rule("idle-timeout", "idle time counts from the last byte written, before the first from zero: it kills slow readings")
def idle_timeout(world: World) -> Iterator[Fault]:
    """Off, or no shorter than the whole request."""
    for pod in world.services():
        value = number(pod.spec.get("idleTimeoutSeconds")) or 0
        if 0 < value < (number(pod.spec.get("timeoutSeconds")) or 300):
            yield pod.fault("idleTimeoutSeconds", f"{value:g} s is less than a reading", "Remove it")


@rule("own-deadline", "OCR_REQUEST_SECONDS is when the function gives up; Serving cuts at timeoutSeconds")
def own_deadline(world: World) -> Iterator[Fault]:
    """Equal, so that neither answers for the other; the drain waits as long."""
    for pod in world.services():
        own = request_seconds(world, pod)
        if own != number(pod.spec.get("timeoutSeconds")):
            reason = f"{pod.spec.get('timeoutSeconds')} is not OCR_REQUEST_SECONDS ({own})"
            yield pod.fault("timeoutSeconds", reason, "Set both alike")


@rule("slots", "containerConcurrency lets that many requests in; the function reads OCR_SLOTS at once")
def slots(world: World) -> Iterator[Fault]:
    """Equal: fewer slots would refuse what Serving sent, more would stay empty. Never 0, which is no limit."""
    for pod in world.services():
        limit = number(pod.spec.get("containerConcurrency"))
        own = number(world.values(pod).get("OCR_SLOTS", DEFAULTS.slots))
        if not limit or limit != own or limit > 1000:
            yield pod.fault("containerConcurrency", f"{limit} is not OCR_SLOTS ({own})", "Set both alike, 1..1000")


@rule("drain", "after SIGTERM gunicorn finishes what it accepted, up to OCR_REQUEST_SECONDS; then comes SIGKILL")
def drain(world: World) -> Iterator[Fault]:
    """A plain Deployment grants as long (Serving does by itself: the grace is timeoutSeconds)."""
    for pod in world.pods(knative=False):
        grace = number(pod.spec.get("terminationGracePeriodSeconds", 30)) or 0
        if pod.serves and grace < (request_seconds(world, pod) or 0) + 30:
            reason = f"{grace:g} s is less than OCR_REQUEST_SECONDS and 30 s of the balancer's delay"
            yield pod.fault("terminationGracePeriodSeconds", reason, "Raise it")


@rule("job-bounded", "a Job without a deadline or with endless tries keeps a node busy for nothing")
def job_bounded(world: World) -> Iterator[Fault]:
    """Jobs end, CronJobs do not overtake themselves."""
    for resource in world.all("Job", "CronJob", "JobSink"):
        inner = {"Job": resource.spec, "CronJob": (resource.spec.get("jobTemplate") or {}).get("spec")}
        spec = inner.get(resource.kind, (resource.spec.get("job") or {}).get("spec")) or {}
        for name in ("activeDeadlineSeconds", "backoffLimit"):
            if name not in spec:
                yield Fault(resource, f"spec.{name}", "is not set", "Bound it")
        if resource.kind == "CronJob" and resource.spec.get("concurrencyPolicy") not in {"Forbid", "Replace"}:
            yield Fault(resource, "spec.concurrencyPolicy", "runs may overlap", "Say Forbid")


@rule(
    "failed-job-goes",
    "kube_job_status_failed stays 1 for as long as the Job is there; a later success removes no failed one",
)
def failed_job_goes(world: World) -> Iterator[Fault]:
    """Where an alert counts failed Jobs, those of a CronJob have a time to live."""
    counted = any("kube_job_status_failed" in str(rules.spec) for rules in world.all("PrometheusRule"))
    for job in world.all("CronJob"):
        spec = (job.spec.get("jobTemplate") or {}).get("spec") or {}
        if counted and "ttlSecondsAfterFinished" not in spec:
            path = "spec.jobTemplate.spec.ttlSecondsAfterFinished"
            yield Fault(job, path, "an alert on its failures never ends", "Say how long a run is kept")
