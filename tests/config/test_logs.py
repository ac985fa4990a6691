"""What never stands in a log line, in any of the forms it could come in."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.test import RequestFactory

from config.logs import formatter, scrub
from config.middleware import RequestLogMiddleware


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter22",
        "wstoken=hunter22&x=1",
        "access_token: hunter22",
        "'client_secret': 'hunter22 and, more hunter22'",
        '{"password": "hunter22 and, more hunter22"}',
        "Authorization: Bearer hunter22.abc-def",
        "Authorization: Basic hunter22==",
        "sent Bearer hunter22hunter22",
        "X-Api-Key: hunter22",
        "redis://:hunter22@cache.internal:6379/0",
        "postgres://rollcall:hunter22@db/rollcall",
        "hunter22@company.example did not fit",
        "GET /users?email=hunter22%40company.example",
        "duplicate key value\nDETAIL:  Key (name)=(hunter22) already exists.",
        "new row breaks a rule: Failing row contains (7, hunter22, 2019-08-17).",
    ],
)
def test_secrets_and_people_are_cut_out_of_texts(text: str) -> None:
    assert "hunter22" not in scrub(text)


def test_what_is_no_secret_stays_readable() -> None:
    assert scrub("run 813 of workday failed: timed_out after 30 s") == "run 813 of workday failed: timed_out after 30 s"
    assert scrub("GET https://hr.example.com/workers?page=2") == "GET https://hr.example.com/workers?page=2"


def test_an_exception_and_its_trace_are_scrubbed_too() -> None:
    try:
        raise ValueError("jane.doe@company.example has password=hunter22")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed for %s", ("jane.doe@company.example",), sys.exc_info())
    line = formatter(as_json=True).format(record)
    assert "jane.doe" not in line and "hunter22" not in line and json.loads(line)["level"] == "error"


def test_a_request_line_carries_no_query() -> None:
    request = RequestFactory().get("/admin/people/?unit=Sales&find=sealed")
    assert RequestLogMiddleware.format_request(request) == "GET /admin/people/"
