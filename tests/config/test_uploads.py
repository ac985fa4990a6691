from __future__ import annotations

from io import BytesIO

import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig

from config.uploads import MOST_BYTES, MOST_OF_STRANGERS, BoundedUploads

SESSION = {"HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}=abc"}


@pytest.mark.parametrize(("meta", "size"), [(SESSION, MOST_BYTES + 1), ({}, MOST_OF_STRANGERS + 1)])
def test_a_form_that_is_too_large_is_refused_before_it_is_read(meta: dict[str, str], size: int) -> None:
    sent = BytesIO(b"never read")
    with pytest.raises(RequestDataTooBig):
        BoundedUploads().handle_raw_input(sent, meta, size, b"--")
    assert sent.tell() == 0


def test_a_large_extract_of_somebody_signed_in_is_let_through() -> None:
    assert BoundedUploads().handle_raw_input(BytesIO(), SESSION, MOST_BYTES, b"--") is None


def test_this_is_the_handler_in_use() -> None:
    assert settings.FILE_UPLOAD_HANDLERS == ["config.uploads.BoundedUploads"]
