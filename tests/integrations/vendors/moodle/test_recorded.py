from __future__ import annotations

from pathlib import Path

from config.errors import TargetRefused
from integrations.vendors import moodle as moodle_package
from integrations.vendors.moodle.site import explain
from integrations.wire.http import Response
from tests.integrations.vendors.moodle.other_side import codes, connect, to
from tests.integrations.vendors.scripted_line import said


def recorded(name: str) -> Response:
    path = Path(moodle_package.__file__).parent / "recordings" / f"users__{name}.json"
    return Response(200, {"Content-Type": "application/json"}, path.read_bytes())


def test_a_recorded_account_is_found_with_its_profile_field() -> None:
    (record,) = connect(lambda asked: recorded("found_by_field")).find("users", "email", ["A.Lee@meridian.example"])[
        "A.Lee@meridian.example"
    ]
    assert (record.external_id, record.payload["profile_field_costcenter"]) == ("42", "CC9")


def test_recorded_warnings_are_errors_of_their_rows() -> None:
    answers = {"core_user_update_users": "updated_with_warnings"}
    subject = connect(lambda asked: recorded(answers[asked.form["wsfunction"]]) if asked.form["wsfunction"] in answers else said([]))
    receipts = subject.push("users", [to("update", number, email=f"n{number}@x.example") for number in (42, 43, 44)])
    assert codes(receipts) == ["ok", "already_exists", "account_missing"]


def test_a_recorded_refusal_is_understood() -> None:
    found = explain(recorded("create_refused"))
    assert isinstance(found, TargetRefused) and "invalidparameter" in found.detail
