"""Requests whose bodies do not come whole, handed over as gunicorn does it."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from tests.doors.conftest import stamped_png


class Garbled(io.RawIOBase):
    """A body in chunks whose sizes are nonsense."""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: object) -> int:
        """As gunicorn.http.errors.InvalidChunkSize, which is no OSError."""
        raise Exception("Invalid chunk size: b'zz'")


@pytest.mark.parametrize("path", ["/v1/parse", "/predict", "/v1/parse?format=ndjson"])
def test_a_body_that_was_cut_off_is_no_document(client: FlaskClient, path: str) -> None:
    """Half an upload was read, or became a job, as if the rest were missing from the document."""
    body = stamped_png("a")

    cut_off = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body) + 1), "wsgi.input_terminated": True}
    answer = client.post(path, environ_overrides=cut_off)

    assert answer.status_code == 400
    assert f"ended after {len(body)} of the {len(body) + 1} bytes" in answer.json["detail"]


@pytest.mark.parametrize("media_type", ["application/pdf", "multipart/form-data; boundary=x"])
def test_chunks_that_cannot_be_told_apart_are_the_senders_fault(client: FlaskClient, media_type: str) -> None:
    """A 500 would have a broker send the same again, ten times."""
    garbled = {"wsgi.input": io.BufferedReader(Garbled()), "wsgi.input_terminated": True}
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked"}
    answer = client.post("/v1/parse", content_type=media_type, environ_overrides=garbled | chunked)

    assert answer.status_code == 400
    assert "Invalid chunk size" in answer.json["detail"]


def test_chunks_that_break_off_are_told_so(client: FlaskClient) -> None:
    """As gunicorn says it, by an OSError; the framework's words told of a browser."""

    class Broken(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            raise OSError("No more data after: b''")

    broken = {"wsgi.input": io.BufferedReader(Broken()), "wsgi.input_terminated": True}
    answer = client.post("/v1/parse", environ_overrides=broken | {"HTTP_TRANSFER_ENCODING": "chunked"})

    assert answer.status_code == 400
    assert "broke off" in answer.json["detail"]
