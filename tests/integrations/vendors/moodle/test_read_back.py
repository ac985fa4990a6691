"""What Moodle can be asked about what was written beside the fields of an account. Against the sandbox's site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from config.errors import NotSupported, PermissionMissing, Unavailable
from config.sentences import english
from integrations.sandbox.emulators.moodle.call import Token
from integrations.sandbox.emulators.moodle.emulator import DEMO_TOKEN, FUNCTIONS
from integrations.sandbox.server import Running, running_sandbox
from integrations.vendors.bamboohr.vendor import BambooHR
from integrations.vendors.base import Change
from integrations.vendors.moodle.vendor import Moodle
from integrations.wire.http import Line
from integrations.wire.safe_url import Guard

pytestmark = pytest.mark.servers

Connect = Callable[..., Moodle]


@pytest.fixture
def sandbox() -> Iterator[Running]:
    with running_sandbox(size=100, vendors=("moodle",)) as running:
        yield running


@pytest.fixture
def connect(sandbox: Running) -> Iterator[Connect]:
    with closing(Line(guard=Guard(allow_hosts=(sandbox.host,), schemes=("http",)))) as line:

        def connected(**settings: Any) -> Moodle:
            given = {"base_url": sandbox.address("moodle"), "cohorts": ["department = dept-"], "create_cohorts": True, **settings}
            return Moodle(given, {"token": DEMO_TOKEN}, line)

        yield connected


def store(sandbox: Running) -> Any:
    return sandbox.emulators["moodle"].store  # type: ignore[attr-defined]


def calls(sandbox: Running, function: str) -> int:
    return sum(exchange["note"].startswith(function) for exchange in sandbox.requests("moodle"))


def people(subject: Moodle, count: int) -> list[str]:
    made = [
        {"username": f"p{n}", "firstname": "P", "lastname": f"{n:03}", "email": f"p{n}@test.example", "idnumber": f"P-{n}"}
        for n in range(count)
    ]
    receipts = [
        receipt
        for start in range(0, count, 50)
        for receipt in subject.push("users", [Change(f"c{one['username']}", "create", one) for one in made[start : start + 50]])
    ]
    return [receipt.remote_id for receipt in receipts]


def join(subject: Moodle, accounts: list[str], *cohorts: str) -> None:
    changes = [Change(f"j{one}", "cohorts", {"add": list(cohorts), "remove": []}, one) for one in accounts]
    assert not [receipt for receipt in subject.push("users", changes) if receipt.error]


def test_members_are_told_by_account_and_only_of_what_was_asked(connect: Connect) -> None:
    subject = connect()
    ada, bea, cyd = people(subject, 3)
    join(subject, [ada, bea], "dept-sales")
    join(subject, [ada], "dept-all")
    asked = {ada: {"dept-sales", "dept-it"}, bea: {"dept-sales", "dept-all"}, cyd: {"dept-sales"}}
    assert connect().memberships("users", asked) == {ada: {"dept-sales"}, bea: {"dept-sales"}, cyd: set()}


def test_a_member_removed_by_hand_is_no_member_any_more(sandbox: Running, connect: Connect) -> None:
    subject = connect()
    ada, bea = people(subject, 2)
    join(subject, [ada, bea], "dept-sales")
    store(sandbox).run("DELETE FROM cohort_members WHERE userid = ?", int(ada))
    assert connect().memberships("users", {ada: {"dept-sales"}, bea: {"dept-sales"}}) == {ada: set(), bea: {"dept-sales"}}


@pytest.mark.parametrize("count", [2, 60])
def test_however_many_accounts_are_asked_about_the_calls_are_the_same(sandbox: Running, connect: Connect, count: int) -> None:
    accounts = people(connect(), count)
    join(connect(), accounts[:50], "dept-sales", "dept-all")
    subject, before = connect(), calls(sandbox, "")
    for _again in range(2):  # a cohort that was read is not read again
        subject.memberships("users", {one: {"dept-sales", "dept-all"} for one in accounts})
    assert calls(sandbox, "") - before == 2  # one search for the prefix, one answer with both cohorts


def test_cohorts_beyond_the_first_page_of_the_search_are_found(sandbox: Running, connect: Connect) -> None:
    for number in range(250):
        store(sandbox).insert("cohort", {"name": f"Unit {number:03}", "idnumber": f"dept-{number:03}"})
    subject = connect(create_cohorts=False)
    (ada,) = people(subject, 1)
    join(subject, [ada], "dept-249")
    assert connect().memberships("users", {ada: {"dept-249", "dept-001"}}) == {ada: {"dept-249"}}
    leave = Change("l", "cohorts", {"add": [], "remove": ["dept-249"]}, ada)
    assert [receipt.error for receipt in subject.push("users", [leave])] == [None]
    assert connect().memberships("users", {ada: {"dept-249"}}) == {ada: set()}


def test_a_missing_cohort_is_looked_for_on_every_page_before_it_is_made(sandbox: Running, connect: Connect) -> None:
    for number in range(150):  # all of them contain the text that is searched for
        store(sandbox).insert("cohort", {"name": f"a dept-sales {number:03}", "idnumber": f"x-{number:03}"})
    store(sandbox).insert("cohort", {"name": "zzz", "idnumber": "dept-sales"})
    subject = connect()
    join(subject, people(subject, 1), "dept-sales")
    assert len(store(sandbox).rows("SELECT id FROM cohort WHERE idnumber = 'dept-sales'")) == 1


def test_cohorts_of_an_earlier_setting_and_cohorts_that_are_gone_are_asked_for_too(sandbox: Running, connect: Connect) -> None:
    subject = connect()
    (ada,) = people(subject, 1)
    join(subject, [ada], "dept-sales", "dept-gone")
    store(sandbox).run("DELETE FROM cohort WHERE idnumber = 'dept-gone'")
    now = connect(cohorts=["location = loc-"])
    assert now.memberships("users", {ada: {"dept-sales", "dept-gone"}}) == {ada: {"dept-sales"}}


def test_a_cohort_that_goes_between_search_and_answer_has_no_members(sandbox: Running, connect: Connect) -> None:
    subject = connect()
    (ada,) = people(subject, 1)
    join(subject, [ada], "dept-sales", "dept-gone")
    store(sandbox).run("DELETE FROM cohort WHERE idnumber = 'dept-gone'")  # `subject` has met it and knows its id
    assert subject.memberships("users", {ada: {"dept-sales", "dept-gone"}}) == {ada: {"dept-sales"}}


def test_nobody_to_ask_about_is_no_call(sandbox: Running, connect: Connect) -> None:
    before = calls(sandbox, "")
    assert connect().memberships("users", {}) == {} and calls(sandbox, "") == before


def test_trouble_is_raised_and_not_taken_for_absence(sandbox: Running, connect: Connect) -> None:
    subject = connect()
    (ada,) = people(subject, 1)
    join(subject, [ada], "dept-sales")
    sandbox.emulators["moodle"].configure(maintenance=True)  # type: ignore[attr-defined]
    with pytest.raises(Unavailable):
        connect().memberships("users", {ada: {"dept-sales"}})


def test_a_service_without_the_function_is_told_by_the_test_and_by_the_call(sandbox: Running, connect: Connect) -> None:
    some = tuple(name for name in FUNCTIONS if name != "core_cohort_get_cohort_members")
    sandbox.emulators["moodle"].tokens[DEMO_TOKEN] = Token(DEMO_TOKEN, functions=some)  # type: ignore[attr-defined]
    subject = connect()
    (step,) = [step for step in subject.check().steps if not step.ok]
    assert english(step.detail).endswith("lacks core_cohort_get_cohort_members")
    (ada,) = people(subject, 1)
    join(subject, [ada], "dept-sales")
    with pytest.raises(PermissionMissing):
        connect().memberships("users", {ada: {"dept-sales"}})


def test_a_role_is_declared_as_something_moodle_never_shows() -> None:
    (target,) = Moodle.targets
    assert target.unseen == ("set_manager",) and set(target.unseen) <= set(target.operations)


def test_a_vendor_without_groups_says_so(sandbox: Running) -> None:
    with closing(Line(guard=Guard(allow_hosts=(sandbox.host,), schemes=("http",)))) as line:
        source = BambooHR({"company": "meridian", "base_url": "http://x.example/api/v1"}, {"api_key": "k"}, line)
        with pytest.raises(NotSupported):
            source.memberships("users", {"1": {"a"}})
