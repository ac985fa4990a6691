"""The Moodle connector against the sandbox's site, which was written from the same facts by other hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from config.errors import AlreadyExists, CredentialExpired, CredentialRejected, PermissionMissing, RollcallError, Unavailable
from integrations.sandbox.cast import CHEN_WEI_SHANGHAI, JANE_DOE
from integrations.sandbox.emulators.moodle.call import Token
from integrations.sandbox.server import Running, running_sandbox
from integrations.vendors.base import Change, Receipt
from integrations.vendors.moodle.vendor import Moodle
from integrations.wire.http import Line
from integrations.wire.safe_url import Guard

pytestmark = pytest.mark.servers

TOKEN = {"token": "moodle-demo-token"}
SHORT_OF_RIGHTS = {"username": "rollcall-ws", "capabilities": ("moodle/user:create", "moodle/user:update", "moodle/user:viewdetails")}

Connect = Callable[..., Moodle]


@pytest.fixture
def sandbox() -> Iterator[Running]:
    tokens = {"moodle-demo-token": {}, "blind-token": SHORT_OF_RIGHTS}
    with running_sandbox(size=400, vendors=("moodle",), settings={"moodle": {"tokens": tokens}}) as running:
        yield running


@pytest.fixture
def connect(sandbox: Running) -> Iterator[Connect]:
    with closing(Line(guard=Guard(allow_hosts=(sandbox.host,), schemes=("http",)))) as line:

        def connected(secrets: dict[str, str] = TOKEN, **settings: Any) -> Moodle:
            return Moodle({"base_url": sandbox.address("moodle"), **settings}, secrets, line)

        yield connected


def configure(sandbox: Running, **switches: Any) -> None:
    sandbox.emulators["moodle"].configure(**switches)  # type: ignore[attr-defined]


def calls(sandbox: Running) -> list[str]:
    """The functions that were called, oldest first."""
    return [exchange["note"].partition(" ")[0] for exchange in reversed(sandbox.requests("moodle"))]


def new(name: str, **values: Any) -> Change:
    full = {"username": name, "firstname": name.title(), "lastname": "Test", "email": f"{name}@test.example", "idnumber": f"P-{name}"}
    return Change(f"create:{name}", "create", full | values)


def to(operation: str, remote_id: str, **values: Any) -> Change:
    return Change(f"{operation}:{remote_id}", operation, values, remote_id)


def codes(receipts: list[Receipt]) -> list[str]:
    return [receipt.error.code if receipt.error else "ok" for receipt in receipts]


def held(subject: Moodle, remote_id: str) -> dict[str, Any]:
    (record,) = subject.read_back("users", [remote_id])
    return record.payload


@pytest.mark.parametrize("release", ["4.1", "4.5", "5.2"])
@pytest.mark.parametrize("debug", [False, True])
def test_refusals_mean_the_same_in_every_release(sandbox: Running, connect: Connect, release: str, debug: bool) -> None:
    configure(sandbox, release=release, debug=debug)
    subject = connect()
    assert subject.check().facts["release"].startswith(release)
    receipts = subject.push("users", [new("ada"), new("bea", email=JANE_DOE.email), new("cyd", auth="notinstalled")])
    assert codes(receipts) == ["ok", "already_exists", "target_refused"]
    assert receipts[1].error is not None and receipts[1].error.field == "email"


def test_people_of_old_are_found_by_their_number_and_never_doubled(connect: Connect) -> None:
    subject = connect()
    there = subject.find("users", "idnumber", [JANE_DOE.employee_number])[JANE_DOE.employee_number]
    assert [record.payload["firstname"] for record in there] == [JANE_DOE.given]
    receipt = subject.push("users", [new("jane", email=JANE_DOE.email, idnumber=JANE_DOE.employee_number)])[0]
    assert receipt.remote_id == there[0].external_id and receipt.warnings


@pytest.mark.parametrize("database", ["mysql", "pgsql"])
def test_who_holds_an_address_is_found_whatever_its_capitals(sandbox: Running, connect: Connect, database: str) -> None:
    configure(sandbox, database=database)
    (receipt,) = connect().push("users", [new("ada", email=CHEN_WEI_SHANGHAI.email.upper())])
    assert receipt.error is not None and receipt.error.code in ("already_exists", "target_refused")


def test_languages_and_sign_in_methods_that_are_not_installed_cost_nobody_an_account(sandbox: Running, connect: Connect) -> None:
    configure(sandbox, languages=("en", "de"))
    receipts = connect(languages=["en", "de"]).push("users", [new("ada", lang="de-AT"), new("bea", lang="fi")])
    assert codes(receipts) == ["ok", "ok"] and receipts[1].warnings
    assert held(connect(), receipts[0].remote_id)["lang"] == "de"


def test_an_account_is_made_for_single_sign_on_or_with_a_mailed_password(connect: Connect) -> None:
    sso = connect().push("users", [new("ada")])[0]
    mailed = connect(auth="manual", send_mails=True).push("users", [new("bea")])[0]
    assert held(connect(), sso.remote_id)["auth"] == "oauth2" and held(connect(), mailed.remote_id)["auth"] == "manual"


def test_somebody_who_starts_later_waits_suspended_and_is_opened_on_the_day(connect: Connect) -> None:
    subject = connect()
    (receipt,) = subject.push("users", [new("ada", suspended=True)])
    assert held(subject, receipt.remote_id)["suspended"] is True
    assert codes(subject.push("users", [to("reactivate", receipt.remote_id, department="Sales")])) == ["ok"]
    assert (held(subject, receipt.remote_id)["suspended"], held(subject, receipt.remote_id)["department"]) == (False, "Sales")


def test_profile_fields_go_in_and_come_out_under_the_same_names(connect: Connect) -> None:
    subject = connect(managers="profile_field", manager_field="manager")
    (receipt,) = subject.push("users", [new("ada", profile_field_costcenter="CC9")])
    assert held(subject, receipt.remote_id)["profile_field_costcenter"] == "CC9"
    subject.push("users", [to("set_manager", receipt.remote_id, manager="Jane Doe")])
    assert held(subject, receipt.remote_id)["profile_field_manager"] == "Jane Doe"
    subject.push("users", [to("set_manager", receipt.remote_id, manager=None)])
    assert not held(subject, receipt.remote_id).get("profile_field_manager")


def test_a_manager_has_a_role_over_the_person(sandbox: Running, connect: Connect) -> None:
    subject = connect(managers="role", manager_role=9)
    ada, boss, other = (receipt.remote_id for receipt in subject.push("users", [new("ada"), new("boss"), new("other")]))
    assert subject.check().ok
    assert codes(subject.push("users", [to("set_manager", ada, manager_id=boss)])) == ["ok"]
    assert codes(subject.push("users", [to("set_manager", ada, manager_id=other, former_manager_id=boss)])) == ["ok"]
    rows = sandbox.emulators["moodle"].store.rows("SELECT userid, instanceid FROM role_assignments")  # type: ignore[attr-defined]
    assert [(str(row["userid"]), str(row["instanceid"])) for row in rows] == [(other, ada)]


def test_a_role_that_may_not_be_assigned_is_a_matter_of_permission(connect: Connect) -> None:
    subject = connect(managers="role", manager_role=77)
    ada, boss = (receipt.remote_id for receipt in subject.push("users", [new("ada"), new("boss")]))
    with pytest.raises(PermissionMissing):
        subject.push("users", [to("set_manager", ada, manager_id=boss)])


def test_people_move_between_cohorts(sandbox: Running, connect: Connect) -> None:
    subject = connect(cohorts=["department = dept-"], create_cohorts=True)
    people = [receipt.remote_id for receipt in subject.push("users", [new(f"p{number}") for number in range(4)])]
    assert subject.check().ok
    moves = [to("cohorts", one, add=["dept-sales", "dept-all"]) for one in people]
    assert codes(subject.push("users", moves)) == ["ok"] * 4
    assert codes(subject.push("users", moves)) == ["ok"] * 4  # once more does no harm
    assert codes(subject.push("users", [to("cohorts", people[0], add=[], remove=["dept-sales", "dept-never"])])) == ["ok"]
    store = sandbox.emulators["moodle"].store  # type: ignore[attr-defined]
    sql = "SELECT c.idnumber, count(*) AS n FROM cohort c JOIN cohort_members m ON m.cohortid = c.id GROUP BY c.idnumber"
    assert {row["idnumber"]: row["n"] for row in store.rows(sql) if row["idnumber"].startswith("dept-")} == {"dept-all": 4, "dept-sales": 3}


def test_what_the_token_may_not_see_is_told_by_the_connection_test_and_a_create_still_fails_safely(connect: Connect) -> None:
    blind = connect({"token": "blind-token"})
    failed = [step for step in blind.check().steps if not step.ok]
    assert [step.name for step in failed] == ["Accounts are visible"] and "moodle/user:viewalldetails" in failed[0].detail
    (receipt,) = blind.push("users", [new("jane", email=JANE_DOE.email)])
    assert receipt.error is not None and receipt.error.code == "target_refused"


def test_each_function_that_is_missing_is_named(sandbox: Running, connect: Connect) -> None:
    sandbox.emulators["moodle"].tokens["moodle-demo-token"] = Token(
        "moodle-demo-token", functions=("core_webservice_get_site_info", "core_user_create_users")
    )  # type: ignore[attr-defined]
    (step,) = [step for step in connect().check().steps if step.name == "Functions of the service"]
    assert not step.ok and "core_user_update_users" in step.detail and "core_user_get_users_by_field" in step.detail


def trouble(subject: Moodle) -> RollcallError:
    with pytest.raises(RollcallError) as caught:
        subject.push("users", [new("ada")])
    return caught.value


def test_maintenance_passes_a_switched_off_protocol_does_not(sandbox: Running, connect: Connect) -> None:
    configure(sandbox, maintenance=True)
    assert isinstance(trouble(connect()), Unavailable)
    configure(sandbox, maintenance=False, rest_enabled=False)
    error = trouble(connect())
    assert isinstance(error, PermissionMissing) and "REST protocol" in error.detail


def test_a_token_that_ran_out_needs_somebody(sandbox: Running, connect: Connect) -> None:
    sandbox.faults.set("moodle", expire_token_after=0)
    error = trouble(connect())
    assert isinstance(error, CredentialRejected | CredentialExpired | PermissionMissing) and error.retry is False
    assert isinstance(trouble(connect()), CredentialRejected)


def test_an_administrators_account_is_left_alone_and_told_as_such(connect: Connect) -> None:
    (receipt,) = connect().push("users", [to("deactivate", "2")])
    assert receipt.error is not None and receipt.error.code == "target_refused" and "usernotupdatedadmin" in receipt.error.detail


def test_a_small_form_limit_of_the_site_loses_nothing(sandbox: Running, connect: Connect) -> None:
    configure(sandbox, max_input_vars=120)
    receipts = connect(max_input_vars=120).push("users", [new(f"p{number}", department="Sales", city="Rome") for number in range(40)])
    assert codes(receipts) == ["ok"] * 40
    assert {held(connect(), receipt.remote_id)["city"] for receipt in receipts[::10]} == {"Rome"}


def test_fifty_accounts_take_two_calls(sandbox: Running, connect: Connect) -> None:
    assert codes(connect().push("users", [new(f"p{number}", department="Sales") for number in range(50)])) == ["ok"] * 50
    assert calls(sandbox) == ["core_user_get_users_by_field", "core_user_create_users"]


def test_a_duplicate_inside_one_batch_is_found(connect: Connect) -> None:
    receipts = connect().push("users", [new("ada"), new("bea", email="ada@test.example"), new("cyd")])
    assert codes(receipts) == ["ok", "already_exists", "ok"] and isinstance(receipts[1].error, AlreadyExists)
