"""Accounts: all or nothing when created, one by one when updated. Source: docs/vendors/moodle.md §2, §7."""

from __future__ import annotations

from time import thread_time

import pytest

from integrations.sandbox import cast
from tests.integrations.sandbox.emulators.moodle_site import TOKEN, MoodleSite


@pytest.fixture
def site():
    return MoodleSite()


def user(number, **values):
    return {"username": f"u{number}", "firstname": "A", "lastname": "B", "email": f"u{number}@x.example", "auth": "saml2", **values}


def test_a_created_user_is_found_by_every_key(site):
    userid = site.created(idnumber="EMP-7")
    for field, value in (("id", userid), ("username", "a.lee"), ("email", "a.lee@x.example"), ("idnumber", "EMP-7")):
        assert [found["id"] for found in site.by(field, value)] == [userid]
    found = site.by("id", userid)[0]
    assert found["fullname"] == "Ana Lee" and found["suspended"] is False and found["confirmed"] is True


def test_empty_values_are_left_out(site):
    found = site.by("id", site.created())[0]
    assert not {"idnumber", "department", "city", "country", "customfields"} & found.keys()


def test_one_bad_row_takes_the_whole_batch_with_it_and_is_not_named(site):
    before = site.usernames()
    refused = site.call(
        "core_user_create_users", users=[user(1), user(2, email="a.lee@x.example"), user(3, email="A.LEE@X.example"), user(4)]
    )
    assert refused == {
        "exception": "core\\exception\\invalid_parameter_exception",
        "errorcode": "invalidparameter",
        "message": "Invalid parameter value detected",
    }
    assert site.usernames() == before
    assert site.emulator.writes["created"] == 0


@pytest.mark.parametrize(
    "values",
    [
        {"username": "A.Lee"},
        {"username": "a lee"},
        {"username": "anä"},
        {"username": ""},
        {"firstname": " "},
        {"lastname": "<b>Lee</b>"},
        {"email": "not an address"},
        {"email": " a@x.example"},
        {"auth": "kerberos"},
        {"lang": "tlh"},
        {"timezone": "Mars/Olympus"},
        {"country": "E5"},
        {"auth": "manual"},
        {"suspended": 1},
        {"suspended": 0},
        {"manager": "7"},
        {"auth": "manual", "createpassword": "true"},
        {"mailformat": "html"},
        {"customfields": "none"},
        {"customfields": [{"shortname": "costcenter", "value": "1"}]},
        {"firstname": {"x": "y"}},
    ],
)
def test_every_refused_value_is_the_same_invalid_parameter(site, values):
    assert site.create(**values)["errorcode"] == "invalidparameter"


@pytest.mark.parametrize("name", ["username", "firstname", "lastname", "email"])
def test_each_required_field_is_required(site, name):
    row = user(1)
    del row[name]
    assert site.call("core_user_create_users", users=[row])["errorcode"] == "invalidparameter"


def test_an_argument_that_does_not_exist_is_refused_at_the_top_too(site):
    assert site.call("core_user_create_users", users=[user(1)], dryrun=1)["errorcode"] == "invalidparameter"


def test_a_local_account_needs_a_password_or_leave_to_make_one(site):
    assert site.create(auth="manual", password="Correct-Horse-1")[0]["username"] == "a.lee"
    assert site.create(auth="manual", createpassword=1, username="b", email="b@x.example")[0]["username"] == "b"


def test_extended_user_names_are_a_switch():
    assert MoodleSite(extended_usernames=True).create(username="anä lee")[0]["username"] == "anä lee"


@pytest.mark.parametrize("email", ["a.lee@x.example", "A.Lee@X.EXAMPLE"])
def test_an_address_is_taken_whatever_its_case(site, email):
    site.created()
    assert site.create(username="b", email=email)["errorcode"] == "invalidparameter"


def test_a_site_may_allow_one_address_twice():
    site = MoodleSite(allow_same_email=True)
    site.created()
    assert site.create(username="b")[0]["username"] == "b"


def test_an_id_number_may_be_there_twice_and_both_are_found(site):
    site.created(idnumber="E-1")
    site.created(idnumber="E-1", username="b", email="b@x.example")
    assert [found["username"] for found in site.by("idnumber", "E-1")] == ["a.lee", "b"]


def test_a_value_wider_than_its_column_is_a_database_error(site):
    assert site.create(phone1="1" * 21)["errorcode"] == "dmlwriteexception"
    assert site.create(country="ESP")["errorcode"] == "dmlwriteexception"
    assert site.by("username", "a.lee") == []


def test_custom_fields_go_in_by_short_name_and_come_out_by_kind(site):
    fields = [{"type": "costcenter", "value": "CC9"}, {"type": "population", "value": "staff"}, {"type": "nosuchfield", "value": "x"}]
    found = site.by("id", site.created(customfields=fields))[0]
    assert [(one["type"], one["shortname"], one["value"]) for one in found["customfields"]] == [
        ("text", "costcenter", "CC9"),
        ("menu", "population", "staff"),
    ]


def test_an_update_changes_what_is_sent_and_nothing_else(site):
    userid = site.created(department="Sales", idnumber="E-1")
    assert site.update(userid, lastname="Li", customfields=[{"type": "manager", "value": "7"}]) == []
    found = site.by("id", userid)[0]
    assert (found["lastname"], found["department"], found["idnumber"]) == ("Li", "Sales", "E-1")


def test_an_empty_value_empties_the_field(site):
    userid = site.created(department="Sales")
    assert site.update(userid, department="") == []
    assert "department" not in site.by("id", userid)[0]


def test_a_failed_update_is_a_warning_and_the_others_are_saved(site):
    one, two = site.created(), site.created(username="b", email="b@x.example")
    rows = [{"id": one, "email": "B@x.example"}, {"id": two, "city": "Faro"}, {"id": 9999, "city": "Faro"}]
    warnings = site.call("core_user_update_users", users=rows)["warnings"]
    assert [(one_["item"], one_["itemid"], one_["warningcode"]) for one_ in warnings] == [
        ("user", one, "useremailduplicate"),
        ("user", 9999, "invaliduserid"),
    ]
    assert site.by("id", two)[0]["city"] == "Faro"
    assert site.by("id", one)[0]["email"] == "a.lee@x.example"
    assert site.emulator.writes["updated"] == 1


def test_a_taken_user_name_is_a_database_error_in_a_warning(site):
    site.created()
    other = site.created(username="b", email="b@x.example")
    assert [one["warningcode"] for one in site.update(other, username="a.lee")] == ["dmlwriteexception"]


@pytest.mark.parametrize(("username", "code"), [("guest", "usernotupdatedguest"), ("admin", "usernotupdatedadmin")])
def test_guests_and_admins_are_not_updated(site, username, code):
    userid = site.emulator.store.row("SELECT id FROM user WHERE username = ?", username)["id"]
    assert [one["warningcode"] for one in site.update(userid, city="Faro")] == [code]


def test_a_malformed_row_fails_the_whole_update_call(site):
    userid = site.created()
    refused = site.call("core_user_update_users", users=[{"id": userid, "city": "Faro"}, {"id": userid, "suspended": "true"}])
    assert refused["errorcode"] == "invalidparameter"
    assert "city" not in site.by("id", userid)[0]


def test_createpassword_is_not_for_updates(site):
    userid = site.created()
    assert site.call("core_user_update_users", users=[{"id": userid, "createpassword": 1}])["errorcode"] == "invalidparameter"


def test_somebody_is_suspended_and_comes_back(site):
    userid = site.created()
    site.update(userid, suspended=1)
    assert site.by("id", userid)[0]["suspended"] is True
    site.update(userid, suspended=1)
    site.update(userid, suspended=0)
    assert site.by("id", userid)[0]["suspended"] is False
    assert (site.emulator.writes["suspended"], site.emulator.writes["reactivated"]) == (1, 1)


def test_a_deleted_account_is_renamed_and_never_found_again(site):
    userid = site.created(idnumber="E-1")
    assert site.call("core_user_delete_users", userids=[userid]) is None
    assert site.by("id", userid) == [] and site.by("idnumber", "E-1") == []
    row = site.emulator.store.row("SELECT * FROM user WHERE id = ?", userid)
    assert row["username"].startswith("a.lee@x.example.") and len(row["email"]) == 32
    assert [one["warningcode"] for one in site.update(userid, city="Faro")] == ["usernotupdateddeleted"]
    assert site.created(idnumber="E-1") > userid


def test_deleting_is_all_or_nothing(site):
    userid = site.created()
    assert site.call("core_user_delete_users", userids=[userid, 9999])["errorcode"] == "invalidrecord"
    assert site.by("id", userid)


def test_a_search_is_anded_and_knows_one_wildcard(site):
    site.created()
    site.created(username="b", email="b@x.example", lastname="Leeds")

    def search(**criteria):
        answer = site.call("core_user_get_users", criteria=[{"key": key, "value": value} for key, value in criteria.items()])
        return [found["username"] for found in answer["users"]]

    assert search(lastname="lee%") == ["a.lee", "b"]
    assert search(lastname="lee%", email="B@%") == ["b"]
    assert search(username="a.%") == []


def test_an_unknown_search_key_is_a_warning_and_a_double_one_an_error(site):
    answer = site.call("core_user_get_users", criteria=[{"key": "department", "value": "x"}, {"key": "username", "value": "admin"}])
    assert [one["warningcode"] for one in answer["warnings"]] == ["invalidfieldparameter"]
    assert [found["username"] for found in answer["users"]] == ["admin"]
    twice = [{"key": "username", "value": "a"}, {"key": "username", "value": "b"}]
    assert site.call("core_user_get_users", criteria=twice)["errorcode"] == "keyalreadyset"


def test_an_unknown_field_is_a_coding_error(site):
    assert site.by("lastname", "Lee")["errorcode"] == "codingerror"


def test_nobody_is_an_empty_list(site):
    assert site.by("email", "nobody@x.example") == []


def test_fields_by_value_care_about_case_only_on_some_databases():
    for database, found in (("mysql", 1), ("pgsql", 0)):
        site = MoodleSite(database=database)
        site.created(email="Ana.Lee@X.example")
        assert len(site.by("email", "ana.lee@x.example")) == found


def test_a_hidden_field_hides_whoever_was_searched_by_it_but_not_from_a_duplicate_check():
    site = MoodleSite(hidden_fields=("idnumber", "email"))
    userid = site.created(idnumber="E-1")
    assert site.by("idnumber", "E-1") == [] and site.by("email", "a.lee@x.example") == []
    assert not {"idnumber", "email"} & site.by("username", "a.lee")[0].keys()
    assert site.by("id", userid)
    assert site.create(username="b")["errorcode"] == "invalidparameter"


def test_without_the_right_to_view_details_only_oneself_is_seen():
    site = MoodleSite(tokens={TOKEN: {"capabilities": ("moodle/user:create",)}})
    userid = site.created()
    assert site.by("id", userid) == []
    assert [found["id"] for found in site.by("id", 3)] == [3]


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("core_user_create_users", {"users": [user(1)]}),
        ("core_user_update_users", {"users": [{"id": 4}]}),
        ("core_user_delete_users", {"userids": [4]}),
    ],
)
def test_every_write_needs_its_capability(function, arguments):
    site = MoodleSite(tokens={TOKEN: {"capabilities": ()}})
    assert site.call(function, **arguments)["errorcode"] == "nopermissions"


def test_reading_counts_as_no_write(site):
    site.by("username", "admin")
    site.call("core_webservice_get_site_info")
    site.create(username="")
    assert sum(site.emulator.writes.values()) == 0


def test_old_learners_make_matching_work_for_its_living(site):
    for member in (cast.JANE_DOE, cast.ANA_RUIZ, cast.CHEN_WEI_SHANGHAI):
        assert len(site.by("idnumber", member.employee_number)) == 1
    assert site.by("username", "ana.ruiz")[0]["suspended"] is True
    assert site.by("username", "marco.rossi")[0]["email"] != cast.MARCO_ROSSI.email
    noor = site.by("email", cast.NOOR_VAN_DEN_BERG.email)[0]
    assert noor["username"] == "nvdberg" and "idnumber" not in noor
    assert MoodleSite(learners=False).by("idnumber", cast.JANE_DOE.employee_number) == []


def test_accounts_outlive_a_restart(tmp_path):
    userid = MoodleSite(tmp_path).created(idnumber="E-1")
    assert MoodleSite(tmp_path).by("idnumber", "E-1")[0]["id"] == userid


def test_a_reset_brings_the_first_day_back(site):
    site.created()
    site.emulator.reset()
    assert site.by("username", "a.lee") == []
    assert site.by("username", "admin")[0]["id"] == 2


def test_when_the_switch_says_empty_nobody_is_found(site):
    site.faults.set("moodle", empty=True)
    assert site.by("username", "admin") == []


def test_fifty_accounts_are_made_in_a_moment(site):
    values = {"department": "Sales", "city": "Berlin", "country": "DE", "lang": "de", "idnumber": "1", "timezone": "Europe/Berlin"}
    fields = [{"type": "costcenter", "value": "CC9"}, {"type": "manager", "value": "7"}]
    took = []
    for batch in range(5):
        started = thread_time()
        made = site.call("core_user_create_users", users=[user(batch * 50 + n, customfields=fields, **values) for n in range(50)])
        took.append(thread_time() - started)
        assert len(made) == 50
    assert min(took) < 0.05  # it takes about 5 ms; ten times that means a query without its index
