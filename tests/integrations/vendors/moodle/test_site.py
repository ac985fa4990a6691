from __future__ import annotations

import pytest

from config.errors import (
    AlreadyExists,
    CredentialRejected,
    NotFound,
    PermissionMissing,
    RequestRefused,
    RollcallError,
    TargetRefused,
    Unavailable,
    UnexpectedAnswer,
)
from integrations.vendors.moodle.site import encode, explain
from integrations.wire.http import Response
from tests.integrations.vendors.moodle.other_side import connect
from tests.integrations.vendors.scripted_line import said


def test_nested_values_are_written_as_php_reads_them() -> None:
    value = {
        "users": [
            {"username": "a", "createpassword": True, "suspended": False, "idnumber": None, "customfields": [{"type": "x", "value": ""}]}
        ]
    }
    assert list(encode(value)) == [
        ("users[0][username]", "a"),
        ("users[0][createpassword]", "1"),
        ("users[0][suspended]", "0"),
        ("users[0][customfields][0][type]", "x"),
        ("users[0][customfields][0][value]", ""),
    ]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("invalidtoken", CredentialRejected),
        ("wsaccessusersuspended", CredentialRejected),
        ("accessexception", PermissionMissing),
        ("nopermissions", PermissionMissing),
        ("sitemaintenance", Unavailable),
        ("invalidparameter", TargetRefused),
        ("invalidrecordunknown", NotFound),
        ("useremailduplicate", AlreadyExists),
        ("somethingnew", RequestRefused),
    ],
)
@pytest.mark.parametrize("exception", ["moodle_exception", "core\\exception\\moodle_exception"])
def test_a_failure_with_status_200_is_told_by_its_code_and_not_by_its_class(code: str, error: type[RollcallError], exception: str) -> None:
    found = explain(said({"exception": exception, "errorcode": code, "message": "No"}))
    assert type(found) is error and code in found.detail


def test_data_that_speak_of_an_error_code_are_no_error() -> None:
    assert explain(said([{"id": 1, "description": '"errorcode"'}])) is None
    assert explain(said({"users": [{"description": '{"errorcode":"x"}'}]})) is None
    assert explain(said(None)) is None


def test_an_empty_403_says_that_the_protocol_is_off() -> None:
    found = explain(Response(403, {}, b""))
    assert isinstance(found, PermissionMissing) and "REST protocol" in found.detail


def test_a_page_instead_of_an_answer_is_unexpected() -> None:
    page = Response(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>Fatal error</html>")
    with pytest.raises(UnexpectedAnswer):
        connect(lambda asked: page).find("users", "email", ["a@x.example"])


def test_xml_without_a_content_type_of_its_own_is_unexpected_too() -> None:
    with pytest.raises(UnexpectedAnswer):
        connect(lambda asked: Response(200, {}, b'<?xml version="1.0"?><EXCEPTION/>')).find("users", "email", ["a@x.example"])
