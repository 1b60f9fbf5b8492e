"""A form of several parts, as files are posted. Pure."""

from __future__ import annotations

from botkit.messenger._files import File


def multipart(part: str, file: File, boundary: str) -> bytes:
    """The body of a form whose one part is the file."""
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{part}"; filename="{_quoted(file.name)}"\r\n'
        f"Content-Type: {file.content_type}\r\n\r\n"
    )
    return head.encode("utf-8", "replace") + file.data + f"\r\n--{boundary}--\r\n".encode()


def _quoted(name: str) -> str:
    """A file name within quotation marks, as browsers write it."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
