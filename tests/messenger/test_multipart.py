"""The body of a form with a file."""

from botkit.messenger._files import File
from botkit.messenger._multipart import multipart


def test_the_body_byte_by_byte() -> None:
    """One part between boundaries; quotation marks and line ends in a name cannot break out of it."""
    file = File('a "b"\r\nc.png', "image/png", b"\x00\r\n--x")
    assert multipart("farr", file, "XYZ") == (
        b"--XYZ\r\n"
        b'Content-Disposition: form-data; name="farr"; filename="a %22b%22%0D%0Ac.png"\r\n'
        b"Content-Type: image/png\r\n\r\n"
        b"\x00\r\n--x"
        b"\r\n--XYZ--\r\n"
    )


def test_any_name_can_be_written() -> None:
    """Letters as UTF-8; what the file system could not decode as a question mark."""
    assert 'filename="grüß?"'.encode() in multipart("farr", File("grüß\udcff", "text/plain", b"x"), "XYZ")
