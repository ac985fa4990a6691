"""How much may be sent: files go to disk as they come, which must not be a way to fill it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

MOST_BYTES = 1024**3 + 1024**2  # the largest extract, and the form around it
MOST_OF_STRANGERS = 1024**2  # the sign-in form has some hundred bytes


class BoundedUploads(TemporaryFileUploadHandler):
    """Refuses a form by its announced length, before a byte of it is read: 400. A web server counts what is really sent."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: str | None = None) -> None:  # noqa: N803
        has_session = settings.SESSION_COOKIE_NAME in META.get("HTTP_COOKIE", "")
        if content_length > (MOST_BYTES if has_session else MOST_OF_STRANGERS):
            raise RequestDataTooBig("the form is larger than is read")
