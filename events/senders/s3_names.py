"""S3's event names, as S3 and those who copy it spell them: does this one say that an object arrived?"""

from __future__ import annotations

from events.uploads import Reason

#: After `ObjectCreated:`, what changes no byte. MinIO and RustFS send these to everyone who asks for ObjectCreated:*.
_METADATA = ("PutTagging", "DeleteTagging", "PutRetention", "PutLegalHold", "PutAcl")
#: … and what completes nothing yet. Alibaba sends these.
_MULTIPART = ("InitiateMultipartUpload", "InitialMultipartUpload", "CreateMultipartUpload", "UploadPart")
#: Methods after which some senders leave the size at 0 (older Ceph, Versity): it then says nothing.
_SIZE_UNSAID = ("CompleteMultipartUpload", "Copy")

_FAMILIES: tuple[tuple[str, Reason], ...] = (
    ("ObjectRemove", "removed"),  # Tencent leaves out the d
    ("ObjectLifecycle", "removed"),
    ("LifecycleExpiration", "removed"),
    ("ObjectSynced:Delet", "removed"),  # RGW: Delete, DeletionMarkerCreated
    ("ObjectTagging", "metadata"),
    ("ObjectAcl", "metadata"),
    ("ObjectAccessed", "metadata"),
    ("ObjectRestore", "metadata"),
    ("ObjectModified", "metadata"),
    ("LifecycleTransition", "metadata"),
    ("IntelligentTiering", "metadata"),
    ("ObjectTransition", "metadata"),
    ("TestEvent", "test"),
)


def why_not(name: str) -> Reason | None:
    """Why an event of this name is no upload; None where it is one.

    Args:
        name: `ObjectCreated:Put`, with or without a prefix such as `s3:`, `oss:`, `cos:`.
    """
    family = _bare(name)
    method = family.partition(":")[2]
    # RGW says ObjectSynced:Create in the zone to which an object was replicated.
    if family.startswith(("ObjectCreated", "ObjectSynced:Create")):
        if method.startswith(_METADATA):
            return "metadata"
        return "multipart" if method.startswith(_MULTIPART) else None
    return next((reason for start, reason in _FAMILIES if family.startswith(start)), "unknown")


def size_is_said(name: str) -> bool:
    """Whether a size of 0 in an event of this name means that the object is empty."""
    return not _bare(name).partition(":")[2].startswith(_SIZE_UNSAID)


def _bare(name: str) -> str:
    head, _, rest = name.partition(":")
    return rest if head.lower() in {"s3", "oss", "cos"} else name
