from __future__ import annotations

import pytest

from config.errors import NotFound, NotSupported, Unavailable
from tests.integrations.vendors.moodle.other_side import Site, codes, connect, new, to, user


@pytest.mark.parametrize("is_old", [False, True])
def test_a_failed_row_of_an_update_does_not_take_the_others_with_it(is_old: bool) -> None:
    site = Site(*(user(number) for number in range(1, 6)))
    site.is_old = is_old
    changes = [to("update", number, department="New") for number in (1, 2)] + [to("update", 99, department="New")]
    changes += [to("update", 3, email="u4@x.example"), to("update", 5, department="New")]
    receipts = connect(site).push("users", changes)
    assert codes(receipts) == ["ok", "ok", "account_missing", "already_exists", "ok"]
    assert [number for number, one in site.users.items() if one.get("department") == "New"] == [1, 2, 5]


def test_suspending_sends_nothing_else_and_reinstating_sends_the_values_too() -> None:
    site = Site(user(1))
    moodle = connect(site)
    moodle.push("users", [to("deactivate", 1, email="not an address")])
    assert site.users[1]["suspended"] is True and site.calls[-1][1] == {"users": [{"id": "1", "suspended": "1"}]}
    moodle.push("users", [to("reactivate", 1, department="Sales")])
    assert site.users[1]["suspended"] is False and site.users[1]["department"] == "Sales"


def test_operations_go_out_in_the_order_given() -> None:
    site = Site(user(1))
    receipts = connect(site).push("users", [to("deactivate", 1, "a"), to("reactivate", 1, "b"), to("deactivate", 1, "c"), new("ana")])
    assert [receipt.key for receipt in receipts] == ["a", "b", "c", "k-ana"]
    assert site.users[1]["suspended"] is True and site.count("core_user_update_users") == 3


def test_an_outage_between_two_operations_keeps_the_first_ones_receipts() -> None:
    site = Site(user(1))
    site.fails = lambda function, args: Unavailable("down") if function == "core_user_update_users" else None
    receipts = connect(site).push("users", [new("ana"), to("update", 1, city="Rome")])
    assert codes(receipts) == ["ok", "unavailable"]


def test_an_update_that_has_nothing_to_say_is_not_sent() -> None:
    site = Site(user(1))
    (receipt,) = connect(site).push("users", [to("update", 1, lang="fr")])
    assert receipt.remote_id == "1" and receipt.warnings and not site.calls


@pytest.mark.parametrize("remote_id", ["", "abc"])
def test_a_change_without_an_id_is_an_error_of_its_row(remote_id: str) -> None:
    (receipt,) = connect(Site()).push("users", [to("deactivate", remote_id)])
    assert isinstance(receipt.error, NotFound)


def test_deleting_is_not_supported() -> None:
    with pytest.raises(NotSupported):
        connect(Site(user(1))).push("users", [to("delete", 1)])
