"""Volumes and where they are mounted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from function import roles
from function.settings import SettingsError
from knative.doctor.flags import VOLUMES as FLAGS
from tests.knative.lint.doors import opened
from tests.knative.lint.model import Fault, Pod, World, rule
from tests.knative.lint.parsing import parsed

FREE = {"secret", "configMap", "projected"}
UNITS = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
RESERVED = {"/", "/dev", "/dev/log"}


def mounts(pod: Pod) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each mount of each container, with its path."""
    for path, container in pod.containers():
        for index, mount in enumerate(container.get("volumeMounts") or []):
            yield f"{path}.volumeMounts[{index}]", mount


def volumes(pod: Pod) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each volume with its path."""
    for index, volume in enumerate(pod.spec.get("volumes") or []):
        yield f"{pod.path}.spec.volumes[{index}]", volume


@rule(
    "volume-kind", "Serving's VolumeSourceMask: secret, configMap and projected are free, the others have a flag each"
)
def volume_kind(world: World) -> Iterator[Fault]:
    """A claim or an image volume where the administrator has not allowed it; nfs never."""
    for pod in world.services():
        for path, volume in volumes(pod):
            kinds = set(volume) - {"name"}
            if len(kinds) != 1:
                yield pod.fault(path, "needs exactly one source", "Split it, or give it one")
            for kind in sorted(kinds - FREE):
                if kind not in FLAGS:
                    yield pod.fault(f"{path}.{kind}", "Serving has no such volume", "Use a persistent volume claim")
                elif not world.cluster.allows(FLAGS[kind]):
                    yield pod.fault(f"{path}.{kind}", f"needs {FLAGS[kind]}", "Enable it in knative/cluster-settings")


@rule("claim-read-only", "without podspec-persistent-volume-write volume and mounts both say readOnly: true (webhook)")
def claim_read_only(world: World) -> Iterator[Fault]:
    """Weights are read by many pods and written by one Job, so ours are read-only even where writing is allowed."""
    for pod in world.pods():
        if not pod.serves:
            continue
        claims = {
            volume.get("name"): (path, volume) for path, volume in volumes(pod) if "persistentVolumeClaim" in volume
        }
        for path, volume in claims.values():
            if volume["persistentVolumeClaim"].get("readOnly") is not True:
                yield pod.fault(f"{path}.persistentVolumeClaim", "can be written", "Say readOnly: true")
        for path, mount in mounts(pod):
            if mount.get("name") in claims and mount.get("readOnly") is not True:
                yield pod.fault(f"{path}.readOnly", "the mount of a claim can be written", "Say readOnly: true")


@rule("volumes-mounted", "every volume is mounted and every mount has its volume; names differ (webhook)")
def volumes_mounted(world: World) -> Iterator[Fault]:
    """Two JSON patches that do not know of each other leave such halves."""
    for pod in world.pods():
        names = [volume.get("name") for _, volume in volumes(pod)]
        used = {mount.get("name") for _, mount in mounts(pod)}
        for index, (path, volume) in enumerate(volumes(pod)):
            if volume.get("name") not in used:
                yield pod.fault(path, f"{volume.get('name')!r} is mounted nowhere", "Mount it or remove it")
            if volume.get("name") in names[:index]:
                yield pod.fault(path, f"{volume.get('name')!r} stands twice", "Keep one")
        for path, mount in mounts(pod):
            if mount.get("name") not in names:
                yield pod.fault(path, f"there is no volume {mount.get('name')!r}", "Add the volume")


@rule("mount-path", "a mount path is absolute, unique in its container and not /, /dev or /dev/log (webhook)")
def mount_path(world: World) -> Iterator[Fault]:
    """Compared in clean form, as the webhook does."""
    for pod in world.pods():
        seen = set()
        for path, mount in mounts(pod):
            place = posixpath.normpath(str(mount.get("mountPath", "")))
            key = (path.partition(".volumeMounts")[0], place)
            if not place.startswith("/") or place in RESERVED or key in seen:
                yield pod.fault(f"{path}.mountPath", f"{place!r} cannot be mounted here", "Choose another folder")
            seen.add(key)


@rule("emptydir-medium", "emptyDir.medium is empty or Memory (webhook)")
def emptydir_medium(world: World) -> Iterator[Fault]:
    """HugePages are refused."""
    for pod in world.services():
        for path, volume in volumes(pod):
            medium = (volume.get("emptyDir") or {}).get("medium", "")
            if medium not in {"", "Memory"}:
                yield pod.fault(f"{path}.emptyDir.medium", f"{medium!r} is refused", "Use Memory, or leave it out")


@rule("emptydir-bounded", "an emptyDir without sizeLimit fills the node's disk, or in Memory all of the pod's")
def emptydir_bounded(world: World) -> Iterator[Fault]:
    """Each has a limit."""
    for pod in world.pods():
        for path, volume in volumes(pod):
            if "emptyDir" in volume and not (volume["emptyDir"] or {}).get("sizeLimit"):
                yield pod.fault(f"{path}.emptyDir.sizeLimit", "nothing bounds it", "Set a sizeLimit")


@rule("spool-fits", "documents above OCR_SPOOL_BYTES wait on the temporary volume; a pod that overfills it is evicted")
def spool_fits(world: World) -> Iterator[Fault]:
    """Where documents are read: OCR_SLOTS of the largest, OCR_MAX_BYTES each."""
    for pod in world.pods():
        if not pod.serves or not roles.reads(opened(world, pod)):
            continue
        try:
            settings = parsed(world.values(pod))
        except SettingsError:
            continue
        for path, volume in volumes(pod):
            directory = volume.get("emptyDir")
            if volume.get("name") != _spool(pod) or directory is None:
                continue
            needed = settings.slots * settings.max_bytes
            if amount(directory.get("sizeLimit", 0)) < needed:
                reason = f"less than OCR_SLOTS times OCR_MAX_BYTES, {needed / UNITS['Gi']:g}Gi"
                yield pod.fault(f"{path}.emptyDir.sizeLimit", reason, "Raise it, or lower one of the two")


def _spool(pod: Pod) -> object:
    """The volume below the temporary folder."""
    return next((mount.get("name") for _, mount in mounts(pod) if mount.get("mountPath") == "/tmp"), None)


def amount(quantity: object) -> float:
    """Kubernetes' 500m and 2Gi as a number; nan for what is none."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([A-Za-z]*)", str(quantity))
    return float(match[1]) * UNITS.get(match[2], 1) if match else float("nan")


@rule("writable-tmp", "large documents are spooled to the temporary folder; with a read-only root it must be a volume")
def writable_tmp(world: World) -> Iterator[Fault]:
    """TMPDIR, or /tmp, lies on an emptyDir."""
    for pod in world.pods():
        if pod.labels.get("app.kubernetes.io/component") == "cache":
            continue  # keeps everything in memory
        writable = {volume.get("name") for _, volume in volumes(pod) if "emptyDir" in volume}
        for path, container in pod.containers():
            if not (container.get("securityContext") or {}).get("readOnlyRootFilesystem"):
                continue
            values = {entry.name: entry.value for entry in world.environment(pod, path, container)}
            folder = values.get("TMPDIR") or "/tmp"
            places = [
                str(mount.get("mountPath")).rstrip("/")
                for mount in container.get("volumeMounts") or []
                if mount.get("name") in writable and not mount.get("readOnly")
            ]
            if not any(folder == place or folder.startswith(f"{place}/") for place in places):
                yield pod.fault(f"{path}.volumeMounts", f"{folder} cannot be written", "Mount an emptyDir there")
