"""Rules of the fact sheet that a search and an update have to keep, whatever the release. Source: docs/vendors/moodle.md §2, §6, §7."""

from __future__ import annotations

import pytest

from tests.integrations.sandbox.emulators.moodle_site import MoodleSite


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", "1x"), ("id", " 1"), ("username", "A.Lee"), ("username", "a+lee"), ("username", "a lee"), ("email", " a.lee@x.example")],
)
def test_one_value_that_would_have_to_be_cleaned_fails_the_whole_search(field, value):
    site = MoodleSite()
    site.created()
    assert site.by(field, "1" if field == "id" else "a.lee", value)["errorcode"] == "invalidparameter"


def test_extended_user_names_can_be_searched_where_they_are_allowed():
    site = MoodleSite(extended_usernames=True)
    site.created(username="a+lee")
    assert [user["username"] for user in site.by("username", "a+lee")] == ["a+lee"]


@pytest.mark.parametrize(("release", "saved"), [("3.11", ""), ("4.1", "Faro"), ("4.5", "Faro")])
def test_before_4_0_one_bad_row_takes_the_whole_update_with_it(release, saved):
    site = MoodleSite(release=release)
    userid = site.created()
    answer = site.call("core_user_update_users", users=[{"id": userid, "city": "Faro"}, {"id": 9999, "city": "Rome"}])
    assert site.by("id", userid)[0].get("city", "") == saved
    assert answer.get("errorcode") == "invaliduserid" if release == "3.11" else len(answer["warnings"]) == 1


def test_before_4_0_an_update_answers_the_literal_null():
    site = MoodleSite(release="3.11")
    assert site.call("core_user_update_users", users=[{"id": site.created(), "city": "Faro"}]) is None


def test_a_token_of_a_user_who_may_not_sign_in_is_refused():
    site = MoodleSite()
    site.emulator.store.run("UPDATE user SET auth = 'nologin' WHERE username = 'rollcall-ws'")
    assert site.call("core_webservice_get_site_info")["errorcode"] == "wsaccessusernologin"
