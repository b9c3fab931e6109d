"""The walls around render children: code that took one over would find no files, no network and nobody else."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from function.documents import process, syscalls
from function.documents.messages import CALLS, FILES
from function.documents.pool import Pool
from function.documents.sources import from_bytes, from_path
from function.errors import Corrupt, RendererKilled
from tests.documents import making
from tests.documents.conftest import LIMITS
from tests.documents.watching import DOCUMENT, child_of, shade

#: A child that, asked to draw, tries what a hostile document would have it try, and tells how each ended.
_TRYING = """
import ctypes, errno, json, os, signal, socket, sys, threading
from pathlib import Path
from function.documents import child, landlock, memory, syscalls, walls
from function.documents.messages import Draw
from function.errors import Corrupt

LIBC = ctypes.CDLL(None, use_errno=True)
SECRET, SPARED = Path({folder!r}, "secret"), Path({folder!r}, "made")
PARENT = os.getppid()

def call(name, *arguments):
    if getattr(LIBC, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)

def asked_for_memory_of_others():
    room = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(room), 8)
    call("process_vm_readv", PARENT, ctypes.byref(vector), 1, ctypes.byref(vector), 1, 0)

TRIES = dict(
    read=SECRET.read_bytes,
    read_passwords=Path("/etc/passwd").read_bytes,
    list_folder=lambda: os.listdir("/"),
    read_environment_of_server=Path(f"/proc/{{PARENT}}/environ").read_bytes,
    read_memory_of_server=lambda: open(f"/proc/{{PARENT}}/mem", "rb"),
    make=lambda: SPARED.write_bytes(b"x"),
    change=lambda: open(SECRET, "r+b"),
    remove=SECRET.unlink,
    rename=lambda: SECRET.rename(SPARED),
    change_mode=lambda: SECRET.chmod(0o777),
    internet=lambda: socket.socket(socket.AF_INET),
    internet_6=lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
    unix=lambda: socket.socket(socket.AF_UNIX),
    netlink=lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    fork=os.fork,
    program=lambda: os.execv("/bin/true", ["true"]),
    thread=lambda: threading.Thread(target=int).start(),
    kill_server=lambda: os.kill(PARENT, 0),
    owner_of_signals=lambda: __import__("fcntl").fcntl(0, 8, PARENT),
    trace_server=lambda: call("ptrace", 16, PARENT, 0, 0),
    memory_of_others=asked_for_memory_of_others,
    limits_of_server=lambda: __import__("resource").prlimit(PARENT, 7),
    io_uring=lambda: call("syscall", 425, 8, 0),
    namespace=lambda: call("unshare", 0x10000000),
    own_memory=lambda: memory.anonymous_bytes() or os.open("/nowhere", 0),
)

def ended(trial):
    try:
        trial()
    except OSError as problem:
        return errno.errorcode[problem.errno]
    except RuntimeError:
        return "EPERM"  # what Python makes of a thread that cannot be started
    return "done"

def raised():
    stood.append(LIBC.prctl(3, 0, 0, 0, 0))
    return real_filter()

def stand():
    stood.append(real_stand())
    return stood[-1]

{more}
stood, real_stand, real_filter = [], walls.stand, syscalls.filter_calls
walls.stand, syscalls.filter_calls = stand, raised
real, child._LONGEST_DETAIL = child.Servant._done, 5_000

def done(self, request, descriptor):
    if isinstance(request, Draw):
        raise Corrupt(json.dumps([*stood, {{name: ended(trial) for name, trial in TRIES.items()}}]))
    return real(self, request, descriptor)

child.Servant._done = done
sys.exit(child.main())
"""
_NO_LANDLOCK = "landlock.restrict = lambda readable: 0"
_NO_SECCOMP = "syscalls.filter_calls = lambda: False"


@contextmanager
def trying(folder: Path, more: str = "", sandbox: str = "auto") -> Iterator[Pool]:
    """A pool of children that try."""
    name = f"trying_{folder.name.replace('-', '_')}"
    (folder / f"{name}.py").write_text(_TRYING.format(folder=str(folder), more=more), encoding="utf-8")
    (folder / "secret").write_bytes(b"of somebody else")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        pool = Pool(replace(LIMITS, sandbox=sandbox), size=1, child_module=name)
    yield pool
    pool.close()


def tried(pool: Pool) -> tuple[int, list[str], dict[str, str]]:
    """Whether the child's memory may be dumped, which walls stand, and how each trial ended."""
    with from_bytes(DOCUMENT) as source, pool.open(source) as document, pytest.raises(Corrupt) as told:
        document.draw(1, 20)
    dumpable, standing, ends = json.loads(told.value.detail)
    return dumpable, standing, ends


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[str], dict[str, str]]:
    """What came of everything that a child tried."""
    with trying(tmp_path_factory.mktemp("walls")) as pool:
        return tried(pool)


@pytest.mark.parametrize(
    "what",
    ["read", "read_passwords", "list_folder", "read_environment_of_server", "read_memory_of_server", "make", "change"],
)
def test_a_child_opens_no_file(ends: tuple[int, list[str], dict[str, str]], what: str) -> None:
    """Documents of others, keys, the server's environment."""
    _, standing, found = ends
    if FILES not in standing:
        pytest.skip("this kernel has no Landlock")

    assert found[what] in {"EACCES", "EPERM"}


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("make", "EPERM"), ("change", "EPERM"), ("remove", "EPERM"), ("rename", "EPERM"), ("change_mode", "EPERM"),
        ("internet", "EPERM"), ("internet_6", "EPERM"), ("unix", "EPERM"), ("netlink", "EPERM"), ("fork", "EPERM"),
        ("program", "EPERM"), ("thread", "EPERM"), ("kill_server", "EPERM"), ("owner_of_signals", "EPERM"),
        ("trace_server", "EPERM"), ("memory_of_others", "EPERM"), ("limits_of_server", "EPERM"),
        ("io_uring", "ENOSYS"), ("namespace", "EPERM"),
    ],
)  # fmt: skip
def test_a_child_makes_no_call_that_reading_does_not_take(
    ends: tuple[int, list[str], dict[str, str]], what: str, error: str
) -> None:
    """No network, program, process, or reach for the server."""
    _, standing, found = ends
    if CALLS not in standing:
        pytest.skip("this kernel, or machine, filters no system calls")

    assert found[what] == error


def test_what_a_child_needs_of_the_system_is_left(ends: tuple[int, list[str], dict[str, str]]) -> None:
    """It still sees its own memory, which decides when it is replaced; and no crash is handed to anybody."""
    dumpable, _, found = ends

    assert found["own_memory"] == "done"
    assert dumpable == 0


@pytest.mark.parametrize(
    ("more", "stands", "left"),
    [(_NO_LANDLOCK, [CALLS], {"read": "done", "make": "EPERM"}), (_NO_SECCOMP, [FILES], {"make": "EACCES"})],
)
def test_each_wall_stands_without_the_other(tmp_path: Path, more: str, stands: list[str], left: dict[str, str]) -> None:
    """Kernels differ: gVisor has no Landlock; an unusual machine no filter."""
    with trying(tmp_path, more) as pool:
        _, standing, found = tried(pool)
    if not standing:
        pytest.skip("this kernel has neither")

    assert standing == stands
    assert {name: found[name] for name in left} == left


def test_walls_that_are_missing_are_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A line that names them, for whoever looks whether a node's kernel has them."""
    process._tell.cache_clear()
    with caplog.at_level(logging.INFO), trying(tmp_path, f"{_NO_LANDLOCK}\n{_NO_SECCOMP}") as pool:
        pool.start(wait=True)
        with from_bytes(DOCUMENT) as source, pool.open(source):
            pass

    lines = [record for record in caplog.records if "walls around render children" in record.message]
    assert [record.levelname for record in lines] == ["WARNING"]
    assert "missing: files, calls" in lines[0].message


def test_where_walls_are_required_nothing_starts_without_them(tmp_path: Path) -> None:
    """Who set that would rather have no answer."""
    with (
        trying(tmp_path, _NO_LANDLOCK, sandbox="required") as pool,
        pytest.raises(RendererKilled, match=r"OCR_SANDBOX=required.*files"),
    ):
        pool.start(wait=True)


def test_walls_can_be_left_out() -> None:
    """For whoever must look into a child, or has a kernel that is at odds with them."""
    pool = Pool(replace(LIMITS, sandbox="off"), size=1)
    with from_bytes(DOCUMENT) as source, pool.open(source) as document:
        status = Path(f"/proc/{child_of(document)}/status").read_text()
        assert shade(document, 2) > 0
    pool.close()

    assert re.search(r"^Seccomp:\t0$", status, re.MULTILINE) or "Seccomp:" not in status


_FONTS = b"/F%d<</Type/Font/Subtype/TrueType/BaseFont/%s/Encoding/WinAnsiEncoding>>"


def _without_fonts() -> bytes:
    """A page in fonts that the PDF does not bring, some of which are on many systems."""
    names = [b"DejaVuSans", b"Arial,Bold", b"Courier", b"NoSuchFont", b"LiberationSerif"]
    fonts = b"".join(_FONTS % pair for pair in enumerate(names))
    lines = b"".join(b"/F%d 30 Tf 0 -60 Td (Quick brown fox) Tj " % index for index in range(len(names)))
    return making.pdf([b"BT 50 700 Td " + lines + b"ET"], page=b"/Resources<</Font<<%s>>>>" % fonts)


def test_fonts_of_the_system_are_found_behind_the_walls(pool: Pool) -> None:
    """The library looks for them when the first page that needs one is drawn: the picture must be the same."""
    free = Pool(replace(LIMITS, sandbox="off"), size=1)
    with from_bytes(_without_fonts()) as source, pool.open(source) as inside, free.open(source) as outside:
        walled, open_ = inside.draw(1, 60).pixels, outside.draw(1, 60).pixels
    free.close()

    assert (walled == open_).all()
    assert walled.min() < 100


@pytest.mark.parametrize("kind", ["TIFF", "PNG"])
def test_a_document_on_disk_is_read_without_being_opened_by_its_name(pool: Pool, tmp_path: Path, kind: str) -> None:
    """As a large upload is, or a file that the command line was given; twice at once, each with its own position."""
    path = tmp_path / "scan"
    path.write_bytes(making.saved(making.picture(), kind))

    with from_path(path, max_bytes=1 << 20) as source, pool.open(source) as one, pool.open(source) as two:
        shades = [document.draw(1, 20).pixels[5, 5, 0] for document in (one, two, one)]
        written = bytes(one.searchable([]))

    assert shades == [0, 0, 0]
    assert written.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("header", "which"),
    [("x86_64-linux-gnu/asm/unistd_64.h", 0), ("asm-generic/unistd.h", 1)],
)
def test_numbers_of_calls_are_those_of_the_kernel(header: str, which: int) -> None:
    """One that is wrong would allow another call."""
    path = Path("/usr/include", header)
    if not path.exists():
        pytest.skip(f"no {path}: the kernel's headers are not installed")
    text = path.read_text(encoding="utf-8")
    named = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\b", text))
    named.setdefault("newfstatat", named.get("fstatat", ""))
    wanted: dict[str, tuple[int, int]] = {
        **syscalls.ALWAYS,
        **{name: rule[0] for name, rule in syscalls.SOMETIMES.items()},
        "tgkill": syscalls._TGKILL,
    }

    ours = {name: pair[which] for name, pair in wanted.items() if pair[which] >= 0}
    assert {name: int(named[name]) for name in ours} == ours
    assert [name for name, pair in wanted.items() if pair[which] < 0 and name in named] == []


def test_a_machine_of_another_kind_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Better none than one with the wrong numbers."""
    monkeypatch.setattr(syscalls, "_MACHINES", {})

    assert syscalls.filter_calls() is False
