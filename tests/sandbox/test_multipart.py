"""Multipart forms, byte by byte."""

from __future__ import annotations

from botkit.sandbox.multipart import read_parts

KIND = "multipart/form-data; boundary=XyZ"


def form(*parts: bytes) -> bytes:
    return b"".join(b"--XyZ\r\n" + part + b"\r\n" for part in parts) + b"--XyZ--\r\n"


def test_fields_and_files() -> None:
    """A field has no file name; a file keeps name, type and bytes."""
    body = form(
        b'Content-Disposition: form-data; name="voice_clip"\r\n\r\ntrue',
        b'Content-Disposition: form-data; name="farr"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n',
    )
    field, file = read_parts(KIND, body)
    assert (field.name, field.filename, field.content_type, field.text) == ("voice_clip", None, "", "true")
    assert (file.name, file.filename, file.content_type, file.data) == ("farr", "a.png", "image/png", b"\x89PNG\r\n")


def test_bytes_are_kept() -> None:
    """Every byte value, line breaks of all sorts and dashes come through, at the end too."""
    data = bytes(range(256)) + b"\r\n--Xy\r\r\n\n--\r\n\r\n"
    (file,) = read_parts(KIND, form(b'Content-Disposition: form-data; name="farr"; filename="x"\r\n\r\n' + data))
    assert file.data == data


def test_empty_file() -> None:
    """A file of no bytes is still a file."""
    (file,) = read_parts(KIND, form(b'Content-Disposition: form-data; name="farr"; filename="x"\r\n\r\n'))
    assert file.data == b""


def test_names_in_other_alphabets() -> None:
    """A file name may be raw UTF-8 in quotes, or encoded as RFC 2231 says."""
    raw = 'Content-Disposition: form-data; name="farr"; filename="Käse 🙂.png"\r\n\r\nx'.encode()
    encoded = b"Content-Disposition: form-data; name=farr; filename*=utf-8''K%C3%A4se.png\r\n\r\nx"
    assert [part.filename for part in read_parts(KIND, form(raw, encoded))] == ["Käse 🙂.png", "Käse.png"]


def test_quoted_boundary_and_preamble() -> None:
    """The boundary may stand in quotes, and text before the first part is none."""
    body = b"hello\r\n" + form(b'Content-Disposition: form-data; name="a"\r\n\r\n1') + b"bye"
    assert [part.text for part in read_parts('multipart/form-data; boundary="XyZ"', body)] == ["1"]


def test_no_form() -> None:
    """Other types, a missing boundary and a part without a name give no parts."""
    assert read_parts("application/x-www-form-urlencoded", b"a=1") == ()
    assert read_parts("multipart/form-data", form(b"x")) == ()
    assert read_parts(KIND, form(b"Content-Type: text/plain\r\n\r\nx")) == ()
