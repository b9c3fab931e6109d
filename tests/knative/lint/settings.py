"""The function's settings as manifests give them: known, parsable, and true of the pod."""

from __future__ import annotations

from collections.abc import Iterator

from function import cache_settings, event_settings, roles
from function.settings import SettingsError, describe
from tests.knative.lint.doors import environment
from tests.knative.lint.model import Fault, Pod, Variable, World, rule
from tests.knative.lint.parsing import parsed
from tests.knative.lint.volumes import mounts

KNOWN = {entry.variable for entry in describe()}
#: Folders and files that the image brings along.
IN_IMAGE = ("/app", "/usr", "/etc/ssl")


def ours(world: World) -> Iterator[tuple[Pod, Variable]]:
    """Every variable that a container of ours gets and that is ours to read."""
    for pod in world.pods():
        for path, container in pod.containers():
            for entry in world.environment(pod, path, container):
                if entry.name.startswith("OCR_") or entry.name in KNOWN:
                    yield pod, entry


@rule("setting-known", "a variable that is no setting changes nothing (function/settings/, describe)")
def setting_known(world: World) -> Iterator[Fault]:
    """Misspelt, or of another version."""
    for _, entry in ours(world):
        if entry.name not in KNOWN:
            reason = f"{entry.name} is no setting"
            yield Fault(entry.resource, entry.path, reason, "See `python -m function settings`")


@rule("setting-value", "a wrong value stops the start, and the revision never becomes ready")
def setting_value(world: World) -> Iterator[Fault]:
    """Each value is parsed as the function does."""
    for _, entry in ours(world):
        if entry.name in KNOWN and entry.value is not None:
            try:
                parsed({entry.name: entry.value})
            except SettingsError as problem:
                yield Fault(entry.resource, entry.path, str(problem), "Correct it")


@rule("settings-agree", "the start is refused where OCR_RESULTS is or contains OCR_INBOX, a door cannot work")
def settings_agree(world: World) -> Iterator[Fault]:
    """What the function itself checks at its start, asked here."""
    for pod in world.pods():
        if not pod.serves:
            continue
        try:
            settings = parsed(environment(world, pod))
            roles.open_doors(settings)
            cache_settings.check(settings)
            event_settings.formats(settings)
            event_settings.result_metadata(settings)
            if settings.inbox:
                event_settings.naming(settings, *event_settings.places(settings))
        except SettingsError as problem:
            yield pod.fault("containers[0]", str(problem), "Correct it")


@rule("variable-once", "two components that set one variable by patch: the later wins in silence, the server warns")
def variable_once(world: World) -> Iterator[Fault]:
    """In the env of one container each name stands once."""
    for pod in world.pods():
        for path, container in pod.containers():
            names = [entry.get("name") for entry in container.get("env") or []]
            for index, name in enumerate(names):
                if name in names[:index]:
                    yield pod.fault(f"{path}.env[{index}]", f"{name} stands twice", "Set it in one place")


@rule("config-is-text", "a ConfigMap's values are strings; a bare 4 or true is refused by the server")
def config_is_text(world: World) -> Iterator[Fault]:
    """Quoted in YAML."""
    for config in world.all("ConfigMap"):
        for name, value in (config.data.get("data") or {}).items():
            if not isinstance(value, str):
                yield Fault(config, f"data.{name}", f"{value!r} is no string", "Put it in quotes")


@rule("path-mounted", "a folder or file that a setting names exists in the pod: mounted, or part of the image")
def path_mounted(world: World) -> Iterator[Fault]:
    """OCR_WEIGHTS, OCR_API_KEYS_FILE, OCR_HOOK_TOKENS_FILE, K_CA_CERTS, file:// places."""
    for pod, entry in ours(world):
        value = (entry.value or "").removeprefix("file://")
        if not value.startswith("/") or entry.name in {"OCR_RESULT_KEY"}:
            continue
        places = [str(mount.get("mountPath")).rstrip("/") for _, mount in mounts(pod)]
        if not any(value == place or value.startswith(f"{place}/") for place in (*places, *IN_IMAGE)):
            yield Fault(entry.resource, entry.path, f"{value} is mounted nowhere in {pod.owner}", "Mount it")
