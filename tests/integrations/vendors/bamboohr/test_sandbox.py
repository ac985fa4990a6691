"""The BambooHR connector against the sandbox's account, which was written from the same facts by other hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest

from config.errors import CredentialRejected, PermissionMissing, RateLimited, Unavailable
from integrations.sandbox.cast import MARCO_ROSSI_BAMBOO
from integrations.sandbox.server import Running, running_sandbox
from integrations.vendors.bamboohr.vendor import BambooHR
from integrations.vendors.base import Page, Window
from integrations.wire.http import Line
from integrations.wire.safe_url import Guard

pytestmark = pytest.mark.servers

KEY = {"api_key": "sandbox-bamboohr-key"}
STATES = {"pending": "pending", "active": "active", "leave": "active", "left": "terminated"}  # a leave is not on the wire by itself

Connect = Callable[..., BambooHR]


@pytest.fixture
def sandbox() -> Iterator[Running]:
    with running_sandbox(size=400, vendors=("bamboohr",)) as running:
        yield running


@pytest.fixture
def connect(sandbox: Running) -> Iterator[Connect]:
    with closing(Line(guard=Guard(allow_hosts=(sandbox.host,), schemes=("http",)))) as line:

        def connected(secrets: dict[str, str] = KEY, **settings: Any) -> BambooHR:
            return BambooHR({"company": "meridian", "base_url": sandbox.address("bamboohr") + "/api/v1", **settings}, secrets, line)

        yield connected


def behave(sandbox: Running, **behaviour: Any) -> None:
    """Make the account behave otherwise (emulators/bamboohr/settings.py)."""
    for name, value in behaviour.items():
        setattr(sandbox.emulators["bamboohr"].settings, name, value)  # type: ignore[attr-defined]


def read(sandbox: Running, subject: BambooHR, **window: Any) -> list[Page]:
    return list(subject.fetch("employees", Window(as_of=sandbox.world.today(), **window)))


def by_id(pages: list[Page]) -> dict[str, dict[str, Any]]:
    return {record.external_id: record.payload for page in pages for record in page.records}


def test_a_full_read_tells_everybody_as_the_world_knows_them(sandbox: Running, connect: Connect) -> None:
    found = by_id(read(sandbox, connect()))
    today = sandbox.world.today()
    for known in sandbox.world.workers("bamboohr", on=date.max):
        worker = known.as_of(max(today, known.hire_on))
        told = found[worker.key]
        assert (told["employeeNumber"], told["lastName"], told["workEmail"] or "") == (
            worker.employee_number,
            worker.family,
            worker.work_email,
        )
        assert told["hireDate"] == worker.hire_on.isoformat()
        assert told["rollcall_status"] == STATES[worker.state(today)], worker.key
        managers = [line["manager"] for line in told["rollcall_lines"]]
        assert managers == ([worker.manager_key] if worker.manager_key else []), worker.key
    assert found[MARCO_ROSSI_BAMBOO.key]["workEmail"] == MARCO_ROSSI_BAMBOO.email


def test_pay_and_national_ids_do_not_travel(sandbox: Running, connect: Connect) -> None:
    kept = repr(by_id(read(sandbox, connect())))
    someone = next(worker for worker in sandbox.world.workers("bamboohr") if worker.pay)
    assert someone.pay not in kept and someone.pay.partition(" ")[0] not in kept and someone.national_id not in kept


def test_the_dataset_tells_the_same_people_the_same_way(sandbox: Running, connect: Connect) -> None:
    report, dataset = read(sandbox, connect()), read(sandbox, connect(reader="dataset"))
    assert dataset[-1].is_last and dataset[-1].total == report[-1].total
    ours, theirs = by_id(report), by_id(dataset)
    assert set(ours) == set(theirs)
    same = (
        "employeeNumber",
        "firstName",
        "lastName",
        "workEmail",
        "department",
        "rollcall_status",
        "rollcall_lines",
        "rollcall_termination_on",
    )
    for key in ours:
        if ours[key]["rollcall_status"] == "pending":
            continue  # the list, which names managers for the dataset, does not know a future hire's yet
        assert {name: theirs[key][name] for name in same} == {name: ours[key][name] for name in same}


@pytest.mark.parametrize("behaviour", [{"empty_date": ""}, {"empty_date": "0000-00-00"}, {"empty_text": ""}, {"empty_map": "array"}])
def test_every_way_of_saying_nothing_means_the_same(sandbox: Running, connect: Connect, behaviour: dict[str, Any]) -> None:
    def told() -> dict[str, tuple[Any, ...]]:
        found = by_id(read(sandbox, connect(read_status_table=True)))
        return {key: tuple(value for name, value in one.items() if name.startswith("rollcall_")) for key, one in found.items()}

    before = told()
    behave(sandbox, **behaviour)
    assert told() == before
    assert read(sandbox, connect(), since=sandbox.world.now())[-1].is_last


def test_a_list_without_future_hires_does_not_make_the_read_incomplete(sandbox: Running, connect: Connect) -> None:
    behave(sandbox, list_has_future_hires=False)
    pages = read(sandbox, connect())
    assert pages[-1].is_last and pages[-1].total == len(list(sandbox.world.workers("bamboohr")))
    assert "pending" in {one["rollcall_status"] for one in by_id(pages).values()}


def test_somebody_the_report_hides_but_nobody_lists_is_simply_not_there(sandbox: Running, connect: Connect) -> None:
    hidden = sorted(by_id(read(sandbox, connect())))[5]
    behave(sandbox, hidden_employees=(hidden,))
    pages = read(sandbox, connect())
    assert hidden not in by_id(pages)


def test_a_hidden_status_stops_the_read_and_fails_the_test(sandbox: Running, connect: Connect) -> None:
    behave(sandbox, hidden_fields=("status",))
    with pytest.raises(PermissionMissing) as caught:
        read(sandbox, connect())
    assert caught.value.field == "status"
    assert [step.name for step in connect().check().steps if not step.ok] == ["Fields of the report"]


def test_a_status_hidden_for_one_person_leaves_only_that_one_open(sandbox: Running, connect: Connect) -> None:
    key = sorted(by_id(read(sandbox, connect())))[5]
    behave(sandbox, hidden_fields_of={key: ["status", "supervisorEId"]})
    found = by_id(read(sandbox, connect()))
    assert [one for one, payload in found.items() if "rollcall_status" not in payload] == [key]
    assert "rollcall_lines" not in found[key]


def test_swapped_manager_fields_are_found_out_and_can_be_set_right(sandbox: Running, connect: Connect) -> None:
    right = {key: payload["rollcall_lines"] for key, payload in by_id(read(sandbox, connect())).items()}
    behave(sandbox, supervisor_ids_swapped=True)
    failed = [step.error for step in connect().check().steps if step.error]
    assert [error.field for error in failed] == ["manager_field"]
    for field in ("supervisorId", "reportsToId"):
        found = by_id(read(sandbox, connect(manager_field=field)))
        assert {key: payload["rollcall_lines"] for key, payload in found.items() if payload["rollcall_status"] != "pending"} == {
            key: lines for key, lines in right.items() if found[key]["rollcall_status"] != "pending"
        }


def test_a_planned_leaver_is_active_with_a_date_ahead(sandbox: Running, connect: Connect) -> None:
    key = next(worker.key for worker in sandbox.world.workers("bamboohr") if worker.state(sandbox.world.today()) == "active")
    last = sandbox.world.today() + timedelta(days=20)
    sandbox.world.terminate("bamboohr", key, last, last)
    plain = by_id(read(sandbox, connect()))[key]
    assert (plain["rollcall_status"], plain["rollcall_termination_on"]) == ("active", last.isoformat())
    told = by_id(read(sandbox, connect(read_status_table=True)))[key]
    assert (told["rollcall_status"], told["rollcall_termination_on"]) == ("active", last.isoformat())
    sandbox.advance(days=21)
    gone = by_id(read(sandbox, connect()))[key]
    assert (gone["rollcall_status"], gone["rollcall_termination_on"]) == ("terminated", last.isoformat())


def test_somebody_who_came_back_is_active_although_the_old_date_lingers(sandbox: Running, connect: Connect) -> None:
    key = next(worker.key for worker in sandbox.world.workers("bamboohr") if worker.state(sandbox.world.today()) == "left")
    sandbox.world.rehire("bamboohr", key, sandbox.world.today())
    told = by_id(read(sandbox, connect()))[key]
    assert (told["rollcall_status"], told["rollcall_termination_on"]) == ("active", None)
    assert told["originalHireDate"] < told["hireDate"] == sandbox.world.today().isoformat()


def test_a_transfer_entered_ahead_of_time_is_told_as_of_today(sandbox: Running, connect: Connect) -> None:
    key = next(worker.key for worker in sandbox.world.workers("bamboohr") if worker.state(sandbox.world.today()) == "active")
    old = sandbox.world.worker("bamboohr", key)
    assert old is not None
    sandbox.world.change_title("bamboohr", key, "Keeper of the Lists", sandbox.world.today() + timedelta(days=10))
    told = by_id(read(sandbox, connect(read_job_table=True)))[key]
    assert (told["rollcall_job"]["jobTitle"], told["rollcall_next_job"]["jobTitle"]) == (old.title, "Keeper of the Lists")


def test_an_erased_record_is_told_as_deleted(sandbox: Running, connect: Connect) -> None:
    assert sandbox.clock is not None
    mark = read(sandbox, connect())[-1].mark
    key = sorted(by_id(read(sandbox, connect())))[7]
    sandbox.clock.advance(seconds=30)
    sandbox.world.delete("bamboohr", key)
    (record,) = [record for page in read(sandbox, connect(), since=mark) for record in page.records if record.external_id == key]
    assert record.deleted and record.payload == {"id": key}
    (alone,) = [record for page in read(sandbox, connect(), ids=(key,)) for record in page.records]
    assert alone.deleted
    assert key not in by_id(read(sandbox, connect()))


def test_throttling_is_told_by_either_status(sandbox: Running, connect: Connect) -> None:
    sandbox.faults.set("bamboohr", rate_limited=True, retry_after=30)
    behave(sandbox, throttle="503")
    with pytest.raises(Unavailable):
        read(sandbox, connect())
    behave(sandbox, throttle="429")
    with pytest.raises(RateLimited):
        read(sandbox, connect())


def test_a_wrong_key_is_tried_once_a_read_so_that_nobody_is_locked_out(sandbox: Running, connect: Connect) -> None:
    subject = connect({"api_key": "wrong"})
    for _ in range(4):  # the fifth would lock the account
        with pytest.raises(CredentialRejected):
            read(sandbox, subject)
    assert len(read(sandbox, connect())) == 1


def test_a_locked_account_is_no_passing_trouble(sandbox: Running, connect: Connect) -> None:
    subject = connect({"api_key": "wrong"})
    for _ in range(5):
        with pytest.raises(CredentialRejected):
            read(sandbox, subject)
    with pytest.raises(PermissionMissing) as caught:
        read(sandbox, connect())
    assert "unknown API keys" in caught.value.detail and caught.value.retry is False


def test_a_field_of_megabytes_and_days_that_do_not_exist_cost_only_their_own_rows(sandbox: Running, connect: Connect) -> None:
    sandbox.faults.set("bamboohr", huge_field=True, bad_dates=True)
    pages = read(sandbox, connect())
    assert [one.error.code for page in pages for one in page.rejected] == ["value_too_large"]
    people = by_id(pages)
    assert pages[-1].is_last and len(people) + 1 == pages[-1].total
    bad = [payload for payload in people.values() if payload["hireDate"] == "2026-02-31"]
    assert bad and all(("rollcall_status" in payload) is (payload["status"] == "Active") for payload in bad)


def test_a_renamed_field_that_nothing_works_without_stops_the_read(sandbox: Running, connect: Connect) -> None:
    sandbox.faults.set("bamboohr", rename_field={"hireDate": "startDate"})
    with pytest.raises(PermissionMissing) as caught:
        read(sandbox, connect())
    assert caught.value.field == "hireDate"


def test_the_gateway_address_works_the_same(sandbox: Running, connect: Connect) -> None:
    gateway = sandbox.address("bamboohr") + "/api/gateway.php/meridian/v1"
    assert connect(base_url=gateway).check().ok
    assert by_id(read(sandbox, connect(base_url=gateway, reader="dataset"))).keys() == by_id(read(sandbox, connect())).keys()
