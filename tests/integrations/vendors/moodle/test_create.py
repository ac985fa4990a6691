from __future__ import annotations

import pytest

from config.errors import AlreadyExists, SettingInvalid, TargetRefused, TimedOut, Unavailable
from config.sentences import english
from tests.integrations.vendors.moodle.other_side import Args, RefusedError, Site, codes, connect, new, user


def test_accounts_are_made_for_single_sign_on_without_a_password() -> None:
    site = Site()
    receipts = connect(site).push("users", [new("ana"), new("bo")])
    assert [receipt.remote_id for receipt in receipts] == ["101", "102"] and codes(receipts) == ["ok", "ok"]
    assert site.users[101]["auth"] == "oauth2" and "createpassword" not in site.users[101] and "password" not in site.users[101]
    assert site.count("core_user_create_users") == 1


def test_a_password_is_mailed_only_where_that_was_allowed() -> None:
    with pytest.raises(SettingInvalid) as caught:
        connect(Site(), auth="manual")
    assert caught.value.field == "auth"
    site = Site()
    connect(site, auth="manual", send_mails=True).push("users", [new("ana")])
    assert site.users[101]["createpassword"] == "1"


@pytest.mark.parametrize("bad", [{3}, {0}, {0, 1}, {2, 5, 9}, set(range(10))])
def test_bad_rows_are_found_and_the_good_ones_are_made(bad: set[int]) -> None:
    site = Site(user(1, username="taken", email="taken@x.example"))
    changes = [new(f"n{row}", **({"username": "taken"} if row in bad else {})) for row in range(10)]
    receipts = connect(site).push("users", changes)
    assert codes(receipts) == ["already_exists" if row in bad else "ok" for row in range(10)]
    assert [receipt.key for receipt in receipts] == [change.key for change in changes]
    assert len(site.users) == 1 + 10 - len(bad)


def test_who_holds_the_value_is_named() -> None:
    site = Site(user(7, email="Ana@X.example"))
    (receipt,) = connect(site).push("users", [new("ana", email="ana@x.example")])
    assert isinstance(receipt.error, AlreadyExists) and receipt.error.field == "email" and "account 7" in english(receipt.error.detail)
    assert receipt.error.remote_ids == ("7",), "whose account it is can be asked"


def test_all_who_hold_one_of_the_values_are_named() -> None:
    site = Site(user(7, email="ana@x.example"), user(8, username="ana"))
    (receipt,) = connect(site).push("users", [new("ana", email="ana@x.example")])
    assert isinstance(receipt.error, AlreadyExists) and receipt.error.remote_ids == ("8", "7")
    said = english(receipt.error.detail)
    assert "username is carried by account 8" in said and "email is carried by account 7" in said


def test_a_refusal_nobody_explains_stays_what_it_was() -> None:
    site = Site()
    site.fails = lambda function, args: RefusedError("invalidparameter") if function == "core_user_create_users" else None
    (receipt,) = connect(site).push("users", [new("ana")])
    assert isinstance(receipt.error, TargetRefused)


def test_a_create_whose_answer_was_lost_makes_no_second_account() -> None:
    site = Site()
    moodle = connect(site)

    def lose_the_answer(function: str, args: Args) -> Exception | None:
        if function == "core_user_create_users":
            site.core_user_create_users(args)
            return TimedOut("no answer")
        return None

    site.fails = lose_the_answer
    with pytest.raises(TimedOut):
        moodle.push("users", [new("ana"), new("bo")])
    site.fails = lambda function, args: None
    receipts = moodle.push("users", [new("ana"), new("bo")])
    assert [receipt.remote_id for receipt in receipts] == ["101", "102"] and len(site.users) == 2
    assert receipts[0].warnings and receipts[0].state["username"] == "ana"


def test_an_account_with_our_idnumber_that_is_visibly_someone_elses_waits_for_a_person() -> None:
    site = Site(user(7, idnumber="N-ana"))
    (receipt,) = connect(site).push("users", [new("ana")])
    assert isinstance(receipt.error, AlreadyExists) and receipt.error.field == "idnumber"


def test_two_accounts_with_one_idnumber_wait_for_a_person() -> None:
    site = Site(user(7, idnumber="N-ana", username="ana"), user(8, idnumber="N-ana"))
    (receipt,) = connect(site).push("users", [new("ana")])
    assert isinstance(receipt.error, AlreadyExists) and "7 and 8" in english(receipt.error.detail)
    assert receipt.error.remote_ids == ("7", "8"), "each of them is asked about"


def test_an_outage_in_the_middle_keeps_what_is_known() -> None:
    site = Site(user(1, username="taken"))
    calls = iter(range(100))

    def fail_late(function: str, args: Args) -> Exception | None:
        return TimedOut("no answer") if function == "core_user_create_users" and next(calls) == 2 else None

    site.fails = fail_late
    receipts = connect(site).push("users", [new("a"), new("b"), new("c"), new("d", username="taken")])
    assert codes(receipts) == ["ok", "ok", "timed_out", "timed_out"]


def test_a_failure_before_anything_is_known_is_raised() -> None:
    site = Site()
    site.fails = lambda function, args: Unavailable("down")
    with pytest.raises(Unavailable):
        connect(site).push("users", [new("ana")])


def test_somebody_who_starts_later_gets_a_suspended_account() -> None:
    site = Site()
    (receipt,) = connect(site).push("users", [new("ana", suspended=True)])
    assert receipt.remote_id == "101" and receipt.state["suspended"] is True and site.users[101]["suspended"] is True


def test_an_account_that_could_not_be_suspended_is_tried_again_and_found() -> None:
    site = Site()
    moodle = connect(site)
    site.fails = lambda function, args: TimedOut("no answer") if function == "core_user_update_users" else None
    (receipt,) = moodle.push("users", [new("ana", suspended=True)])
    assert isinstance(receipt.error, TimedOut)
    site.fails = lambda function, args: None
    (receipt,) = moodle.push("users", [new("ana", suspended=True)])
    assert receipt.remote_id == "101" and site.users[101]["suspended"] is True and len(site.users) == 1


def test_a_call_never_has_more_form_fields_than_php_reads() -> None:
    site = Site()
    wide = {f"profile_field_f{number}": "x" for number in range(20)}
    receipts = connect(site, max_input_vars=200).push("users", [new(f"n{row}", **wide) for row in range(10)])
    assert codes(receipts) == ["ok"] * 10
    sizes = [len(args["users"]) for function, args in site.calls if function == "core_user_create_users"]
    assert sum(sizes) == 10 and max(sizes) * 46 + 4 <= 200
