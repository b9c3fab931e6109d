"""Documents that PaddleX's clients name by address: fetched from listed hosts, and from nowhere else."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from function.doors.paddlex.addresses import fetched
from function.errors import BadRequest
from function.settings import Settings
from function.url_input import allowed_hosts
from function.wiring import check
from tests.certificates import self_signed
from tests.doors.conftest import stamped_png


class Host:
    """A server of documents, redirects and rests.

    Attributes:
        asked: `Host` and path of each request.
        named: what each TLS handshake asked for (SNI).
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.asked: list[str] = []
        self.named: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """`/doc`, `/to?…`, `/cut`, `/missing`."""
                outer.asked.append(f"{self.headers['Host']}{self.path}")
                path, _, query = self.path.partition("?")
                body = stamped_png("fetched")
                self.send_response({"/to": 302, "/missing": 404}.get(path, 200))
                if path == "/to":
                    self.send_header("Location", query)
                self.send_header("Content-Length", str(len(body) + (path == "/cut")))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            context.sni_callback = lambda _socket, name, _context: self.named.append(name)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """On this machine."""
    opened = Host()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its key, of two names."""
    return self_signed(tmp_path_factory.mktemp("tls") / "own.pem", "files.example", "moved.example")


@pytest.fixture
def secure(pem: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """The same by TLS, trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    opened = Host(pem)
    yield opened
    opened.close()


def to(*addresses: str) -> Callable[[str, int], list[str]]:
    """A resolver that says another address each time it is asked, and the last for ever."""
    left = list(addresses)
    return lambda _host, _port: [left.pop(0) if len(left) > 1 else left[0]]


def test_an_address_is_fetched_where_its_host_is_listed(clients: Callable[..., FlaskClient], host: Host) -> None:
    """A host of a private network only as such."""
    http = clients(url_input=f"example.com, private:127.0.0.1:{host.port}")

    answer = http.post("/ocr", json={"file": f"http://127.0.0.1:{host.port}/doc?token=1", "visualize": False})
    elsewhere = http.post("/ocr", json={"file": f"http://localhost:{host.port}/doc"})

    assert answer.json["result"]["ocrResults"][0]["prunedResult"]["rec_texts"] == ["fetched"]
    assert elsewhere.json["errorCode"] == 422
    assert "OCR_URL_INPUT" in elsewhere.json["errorMsg"]


def test_the_address_that_was_checked_is_the_one_that_is_dialled(host: Host) -> None:
    """The name is resolved once a hop, so that a second answer of its DNS changes nothing; and `Host` is the name."""
    resolve = to("127.0.0.1", "10.0.0.1")
    hosts = allowed_hosts(f"private:files.example:{host.port}")

    with fetched(f"http://files.example:{host.port}/doc", hosts, resolve) as stream:
        assert stream.read() == stamped_png("fetched")
    assert host.asked[-1] == f"files.example:{host.port}/doc"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1",
        "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
        "100.100.100.200", "168.63.129.16",
    ],
)  # fmt: skip
def test_no_listed_host_leads_into_a_private_network(address: str) -> None:
    """Whatever form the address has."""
    with pytest.raises(BadRequest, match="private network"):
        fetched("http://files.example/doc", allowed_hosts("files.example"), to(address))


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "0.0.0.0"])
def test_credentials_of_clouds_are_out_of_reach_of_private_hosts_too(address: str) -> None:
    """No list opens them."""
    with pytest.raises(BadRequest, match="private network"):
        fetched("http://files.example/doc", allowed_hosts("private:files.example"), to(address))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://other.example/doc", "not listed"),
        ("http://files.example:1/doc", "not listed"),
        ("http://deep.below.example.evil/doc", "not listed"),
        ("http://user:secret@files.example/doc", "user or a password"),
        ("http://files.example\\@other.example/doc", "letters"),
        ("http://files.example/a b", "letters"),
        ("http://[::1", "no address"),
        ("http:///doc", "no address of HTTP"),
    ],
)
def test_addresses_that_mislead_are_refused(url: str, why: str) -> None:
    """Before anything is resolved."""

    def never(*_: object) -> list[str]:
        raise AssertionError("it was resolved")

    with pytest.raises(BadRequest, match=why):
        fetched(url, allowed_hosts("files.example, *.below.example"), never)


def test_redirects_go_through_the_same_checks(host: Host) -> None:
    """On to an allowed host; to another, into a private network, or in circles, they are refused."""
    own = f"private:files.example:{host.port}"
    here = f"http://files.example:{host.port}"

    with fetched(f"{here}/to?/doc", allowed_hosts(own), to("127.0.0.1")) as stream:
        assert stream.read() == stamped_png("fetched")
    for goal, hosts, why in (
        ("http://169.254.169.254/latest", own, "not listed"),
        (f"http://inner.example:{host.port}/doc", f"{own},inner.example:{host.port}", "private network"),
        ("file:///etc/passwd", own, "no address of HTTP"),
        ("/to?/to?/to?/to?/doc", own, "leads on more"),
    ):
        with pytest.raises(BadRequest, match=why):
            fetched(f"{here}/to?{goal}", allowed_hosts(hosts), to("127.0.0.1"))


def test_by_tls_the_name_is_kept_and_the_checked_address_is_dialled(secure: Host) -> None:
    """Resolved once a hop: SNI, `Host` and the certificate are of the name, the connection goes where was checked."""
    hosts = allowed_hosts(f"private:files.example:{secure.port},private:moved.example:{secure.port}")
    resolve = to("127.0.0.1", "127.0.0.1", "10.0.0.1")
    goal = f"https://moved.example:{secure.port}/doc"

    with fetched(f"https://files.example:{secure.port}/to?{goal}", hosts, resolve) as stream:
        assert stream.read() == stamped_png("fetched")
    assert secure.named == ["files.example", "moved.example"]
    assert secure.asked == [f"files.example:{secure.port}/to?{goal}", f"moved.example:{secure.port}/doc"]


def test_redirects_by_tls_are_checked_anew_and_never_leave_it(secure: Host, host: Host) -> None:
    """To a private network, a host that is not listed, or HTTP without TLS: refused, and nothing is asked there."""
    own = f"private:files.example:{secure.port}"
    asked = list(host.asked)
    for goal, hosts, why in (
        (f"http://files.example:{host.port}/doc", f"{own},private:files.example:{host.port}", "from https"),
        (f"https://inner.example:{secure.port}/doc", f"{own},inner.example:{secure.port}", "private network"),
        ("https://169.254.169.254/latest", own, "not listed"),
    ):
        with pytest.raises(BadRequest, match=why):
            fetched(f"https://files.example:{secure.port}/to?{goal}", allowed_hosts(hosts), to("127.0.0.1"))
    assert host.asked == asked
    assert [name for name in secure.named if name != "files.example"] == []


def test_a_certificate_of_another_name_or_of_nobody_known_is_refused(
    secure: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is asked."""
    hosts = allowed_hosts(f"private:other.example:{secure.port},private:files.example:{secure.port}")

    with pytest.raises(BadRequest, match="SSLCertVerificationError"):
        fetched(f"https://other.example:{secure.port}/doc", hosts, to("127.0.0.1"))
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(BadRequest, match="SSLCertVerificationError"):
        fetched(f"https://files.example:{secure.port}/doc", hosts, to("127.0.0.1"))
    assert secure.asked == []


def test_documents_that_do_not_come_whole_are_refused(host: Host) -> None:
    """A status that is none of success, or an end before the end."""
    hosts, here = allowed_hosts(f"private:files.example:{host.port}"), f"http://files.example:{host.port}"

    with pytest.raises(BadRequest, match="404"):
        fetched(f"{here}/missing", hosts, to("127.0.0.1"))
    with pytest.raises(BadRequest, match="broke off"), fetched(f"{here}/cut", hosts, to("127.0.0.1")) as stream:
        stream.read()


def test_what_is_fetched_has_the_limit_of_every_request(clients: Callable[..., FlaskClient], host: Host) -> None:
    """413, and no more is taken than that."""
    http = clients(url_input=f"private:127.0.0.1:{host.port}", max_request_bytes=100)

    answer = http.post("/ocr", json={"file": f"http://127.0.0.1:{host.port}/doc"})

    assert answer.json["errorCode"] == 413


def test_a_host_that_is_none_stops_the_start() -> None:
    """One line that names the variable."""
    with pytest.raises(ValueError, match="OCR_URL_INPUT"):
        check(Settings(fast_engine="stub", url_input="https://example.com/path"))
