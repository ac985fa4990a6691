"""Cohorts, and the role that makes somebody a manager. Source: docs/vendors/moodle.md §2, §3."""

from __future__ import annotations

import pytest

from tests.integrations.sandbox.emulators.moodle_site import TOKEN, MoodleSite

SYSTEM = {"type": "system", "value": ""}


@pytest.fixture
def site():
    return MoodleSite()


@pytest.fixture
def cohort(site):
    made = site.call("core_cohort_create_cohorts", cohorts=[{"categorytype": SYSTEM, "name": "Berlin", "idnumber": "BER"}])
    return made[0]["id"]


def member(kind, value, user_kind, user):
    return {"cohorttype": {"type": kind, "value": value}, "usertype": {"type": user_kind, "value": user}}


def members(site, cohort):
    return site.call("core_cohort_get_cohort_members", cohortids=[cohort])[0]["userids"]


def test_members_are_added_one_by_one_with_a_warning_for_each_that_fails(site, cohort):
    userid = site.created()
    rows = [
        member("idnumber", "BER", "username", "a.lee"),
        member("id", cohort, "id", userid),
        member("id", 99, "id", userid),
        member("id", cohort, "username", "nobody"),
        member("name", "Berlin", "id", userid),
        member("id", cohort, "email", "a.lee@x.example"),
    ]
    answer = site.call("core_cohort_add_cohort_members", members=rows)
    assert [one["warningcode"] for one in answer["warnings"]] == ["3", "2", "2", "1", "1"]
    assert members(site, cohort) == [userid]
    assert site.emulator.writes["members_added"] == 1


def test_members_are_removed_all_or_nothing(site, cohort):
    one, two = site.created(), site.created(username="b", email="b@x.example")
    site.call("core_cohort_add_cohort_members", members=[member("id", cohort, "id", userid) for userid in (one, two)])
    both = [{"cohortid": cohort, "userid": one}, {"cohortid": 99, "userid": two}]
    assert site.call("core_cohort_delete_cohort_members", members=both)["errorcode"] == "invalidrecord"
    assert members(site, cohort) == [one, two]
    assert site.call("core_cohort_delete_cohort_members", members=both[:1]) is None
    assert members(site, cohort) == [two]


def test_a_deleted_account_leaves_its_cohorts(site, cohort):
    userid = site.created()
    site.call("core_cohort_add_cohort_members", members=[member("id", cohort, "id", userid)])
    site.call("core_user_delete_users", userids=[userid])
    assert members(site, cohort) == []


def test_cohorts_are_searched_and_paged(site, cohort):
    more = [{"categorytype": SYSTEM, "name": f"Berlin {n}", "idnumber": f"B{n}"} for n in range(30)]
    site.call("core_cohort_create_cohorts", cohorts=more)

    def search(**arguments):
        answer = site.call("core_cohort_search_cohorts", query="berlin", context={"contextid": 1}, **arguments)
        return [one["idnumber"] for one in answer["cohorts"]]

    assert len(search()) == 25
    assert len(search(limitfrom=1)) == 6  # it counts pages
    assert search(limitfrom=25) == []
    assert search(limitnum=1) == ["BER"]


def test_an_unknown_cohort_is_a_missing_record(site):
    assert site.call("core_cohort_get_cohort_members", cohortids=[7])["errorcode"] == "invalidrecord"


def test_cohorts_are_created_all_or_nothing(site):
    rows = [
        {"categorytype": SYSTEM, "name": "A", "idnumber": "A"},
        {"categorytype": {"type": "id", "value": "4"}, "name": "B", "idnumber": "B"},
    ]
    assert site.call("core_cohort_create_cohorts", cohorts=rows)["errorcode"] == "invalidparameter"
    assert site.call("core_cohort_search_cohorts", query="", context={"contextid": 1})["cohorts"] == []


def test_a_second_cohort_with_the_same_number_is_refused(site, cohort):
    again = [{"categorytype": SYSTEM, "name": "Berlin again", "idnumber": "BER"}]
    assert site.call("core_cohort_create_cohorts", cohorts=again)["errorcode"] == "invalidparameter"


def test_members_of_several_cohorts_come_in_one_answer_by_name(site, cohort):
    late, early = site.created(lastname="Zuse"), site.created(username="b", email="b@x.example", lastname="Abel")
    site.call("core_cohort_add_cohort_members", members=[member("id", cohort, "id", one) for one in (late, early)])
    empty = site.call("core_cohort_create_cohorts", cohorts=[{"categorytype": SYSTEM, "name": "Rome", "idnumber": "ROM"}])[0]["id"]
    answer = site.call("core_cohort_get_cohort_members", cohortids=[cohort, empty])
    assert answer == [{"cohortid": cohort, "userids": [early, late]}, {"cohortid": empty, "userids": []}]
    assert site.call("core_cohort_get_cohort_members", cohortids=[cohort, 99])["errorcode"] == "invalidrecord"
    assert site.call("core_cohort_get_cohort_members", cohortids=[cohort], limit=1)["errorcode"] == "invalidparameter"


def test_warnings_do_not_name_their_row(site, cohort):
    answer = site.call("core_cohort_add_cohort_members", members=[member("id", 99, "id", 2)])
    assert [set(one) for one in answer["warnings"]] == [{"warningcode", "message"}]


@pytest.mark.parametrize("context", [{"contextlevel": "system"}, {"instanceid": 0}, {"galaxy": 1}])
def test_a_search_must_say_where(site, context):
    assert site.call("core_cohort_search_cohorts", query="x", context=context)["errorcode"] == "invalidparameter"


def test_reading_members_needs_a_right_of_its_own():
    may_not = MoodleSite(tokens={TOKEN: {"capabilities": ("moodle/cohort:assign",)}})
    may_not.emulator.store.insert("cohort", {"name": "Berlin", "idnumber": "BER"})
    assert may_not.call("core_cohort_get_cohort_members", cohortids=[1])["errorcode"] == "nopermissions"


def test_without_the_right_nobody_of_the_call_becomes_a_member(site):
    site = MoodleSite(tokens={TOKEN: {"capabilities": ("moodle/user:create", "moodle/cohort:view")}})
    site.emulator.store.insert("cohort", {"name": "Berlin", "idnumber": "BER"})
    rows = [member("idnumber", "NONE", "id", 2), member("idnumber", "BER", "id", 2)]
    assert site.call("core_cohort_add_cohort_members", members=rows)["errorcode"] == "nopermissions"
    assert site.emulator.store.rows("SELECT * FROM cohort_members") == []


def test_a_manager_is_a_role_in_the_employees_own_context(site):
    manager, employee = site.created(), site.created(username="b", email="b@x.example")
    line = {"roleid": 9, "userid": manager, "contextlevel": "user", "instanceid": employee}
    assert site.call("core_role_assign_roles", assignments=[line]) is None
    assert site.call("core_role_assign_roles", assignments=[line]) is None
    assert site.emulator.writes["roles_assigned"] == 1
    assert site.emulator.store.rows("SELECT * FROM role_assignments") == [line]
    assert site.call("core_role_unassign_roles", unassignments=[line]) is None
    assert site.emulator.store.rows("SELECT * FROM role_assignments") == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"roleid": 1}, "wsusercannotassign"),
        ({"instanceid": 9999}, "invalidrecord"),
        ({"userid": 9999}, "invalidrecord"),
        ({"contextlevel": "galaxy"}, "invalidparameter"),
        ({"contextlevel": None}, "invalidparameter"),
    ],
)
def test_a_wrong_assignment_takes_the_whole_call_with_it(site, change, code):
    manager, employee = site.created(), site.created(username="b", email="b@x.example")
    good = {"roleid": 9, "userid": manager, "contextlevel": "user", "instanceid": employee}
    bad = {name: value for name, value in {**good, **change}.items() if value is not None}
    assert site.call("core_role_assign_roles", assignments=[good, bad])["errorcode"] == code
    assert site.emulator.store.rows("SELECT * FROM role_assignments") == []


def test_assigning_needs_the_right_to():
    site = MoodleSite(tokens={TOKEN: {"capabilities": ()}})
    line = {"roleid": 9, "userid": 3, "contextlevel": "user", "instanceid": 2}
    assert site.call("core_role_assign_roles", assignments=[line])["errorcode"] == "nopermissions"
