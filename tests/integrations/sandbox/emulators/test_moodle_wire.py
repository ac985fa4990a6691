"""Moodle's door: tokens, formats, forms as PHP reads them, errors with status 200. Source: docs/vendors/moodle.md §1, §6, §8."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from integrations.sandbox.emulators.moodle.form import nested
from integrations.sandbox.exchange import Request
from tests.integrations.sandbox.emulators.moodle_site import FORM, REST, TOKEN, MoodleSite

INFO = "core_webservice_get_site_info"


@pytest.fixture
def site():
    return MoodleSite()


def test_a_site_tells_who_i_am_which_release_it_is_and_what_i_may_call(site):
    info = site.call(INFO)
    assert (info["username"], info["userissiteadmin"], info["siteurl"]) == ("rollcall-ws", False, "http://localhost/moodle")
    assert info["release"].startswith("4.5")
    assert {"core_user_create_users", "core_user_update_users"} <= {one["name"] for one in info["functions"]}
    assert {"name": "enablecompletion", "value": 1} in info["advancedfeatures"]


def test_an_error_has_status_200_and_is_told_in_the_body(site):
    answer = site.ask([("wstoken", "wrong"), ("wsfunction", INFO), ("moodlewsrestformat", "json")])
    assert answer.status == 200
    assert json.loads(answer.content) == {
        "exception": "core\\exception\\moodle_exception",
        "errorcode": "invalidtoken",
        "message": "Invalid token - token not found",
    }


@pytest.mark.parametrize(("release", "name"), [("4.1", "moodle_exception"), ("4.5", "core\\exception\\moodle_exception")])
def test_class_names_moved_into_a_namespace_with_4_5(release, name):
    site = MoodleSite(release=release)
    site.token = ""
    assert site.call(INFO)["exception"] == name


def test_an_access_exception_never_moved():
    site = MoodleSite(tokens={TOKEN: {"functions": (INFO,)}})
    refused = site.call("core_user_get_users_by_field", field="id", values=["3"])
    assert (refused["exception"], refused["errorcode"]) == ("webservice_access_exception", "accessexception")


def test_a_token_is_bound_to_its_functions():
    site = MoodleSite(tokens={TOKEN: {"functions": (INFO,)}})
    assert [one["name"] for one in site.call(INFO)["functions"]] == [INFO]


def test_an_unknown_function_is_a_missing_record(site):
    assert site.call("core_user_fly")["errorcode"] == "invalidrecord"


def test_without_a_function_name_a_parameter_is_invalid(site):
    assert json.loads(site.ask([("wstoken", TOKEN), ("moodlewsrestformat", "json")]).content)["errorcode"] == "invalidparameter"


def test_without_the_format_parameter_the_answer_is_xml(site):
    answer = site.ask([("wstoken", TOKEN), ("wsfunction", INFO)])
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert etree.fromstring(answer.content).findtext("SINGLE/KEY[@name='username']/VALUE") == "rollcall-ws"


def test_an_error_in_xml_names_its_class_and_code(site):
    error = etree.fromstring(site.ask([("wsfunction", INFO)]).content)
    assert error.tag == "EXCEPTION" and error.get("class").endswith("moodle_exception")
    assert error.findtext("ERRORCODE") == "invalidtoken"


def test_nothing_in_xml_is_an_empty_response(site):
    userid = site.created()
    pairs = [("wstoken", TOKEN), ("wsfunction", "core_user_delete_users"), ("userids[0]", userid)]
    assert len(etree.fromstring(site.ask(pairs).content)) == 0


def test_a_function_that_answers_nothing_answers_the_literal_null(site):
    userid = site.created()
    pairs = [("wstoken", TOKEN), ("wsfunction", "core_user_delete_users"), ("moodlewsrestformat", "json"), ("userids[0]", userid)]
    assert site.ask(pairs).content == b"null"


def test_a_json_body_is_not_read(site):
    body = json.dumps({"wstoken": TOKEN, "wsfunction": INFO}).encode()
    request = Request.of("POST", REST + "?moodlewsrestformat=json", {"Content-Type": "application/json"}, body)
    assert json.loads(site.emulator.handle(request).content)["errorcode"] == "invalidtoken"


def test_get_and_post_are_merged_and_post_wins(site):
    query = [("wstoken", "wrong"), ("moodlewsrestformat", "json")]
    answer = site.ask([("wstoken", TOKEN), ("wsfunction", INFO)], query=query)
    assert json.loads(answer.content)["username"] == "rollcall-ws"


def test_a_get_alone_is_enough(site):
    query = [("wstoken", TOKEN), ("wsfunction", INFO), ("moodlewsrestformat", "json")]
    assert json.loads(site.ask([], method="GET", query=query).content)["userid"] == 3


def test_nested_names_become_arrays():
    pairs = [("users[0][name]", "a"), ("users[0][fields][1][x]", "b"), ("values[]", "c"), ("values[]", "d"), ("a.b", "e"), ("f[", "g")]
    assert nested(pairs) == {
        "users": {"0": {"name": "a", "fields": {"1": {"x": "b"}}}},
        "values": {"0": "c", "1": "d"},
        "a_b": "e",
        "f": "g",
    }


def test_fields_past_the_limit_are_dropped_without_a_word():
    site = MoodleSite(max_input_vars=20)
    users = [{"username": f"u{n}", "firstname": "A", "lastname": "B", "email": f"u{n}@x.example", "auth": "saml2"} for n in range(4)]
    made = site.call("core_user_create_users", users=users[:3])  # 3 control fields and 15 others
    assert [one["username"] for one in made] == ["u0", "u1", "u2"]
    site.emulator.reset()
    assert site.call("core_user_create_users", users=users)["errorcode"] == "invalidparameter"  # the fourth lost its last three


def test_a_thousand_fields_are_the_default_limit(site):
    pairs = [("wstoken", TOKEN), ("wsfunction", INFO), ("moodlewsrestformat", "json")]
    filler = [(f"moodlewssettingfilter[{n}]", "1") for n in range(997)]
    assert json.loads(site.ask([*filler, *pairs]).content)["userid"] == 3
    answer = site.ask([*filler, ("moodlewssettingx", "1"), *pairs])
    assert answer.headers["Content-Type"].startswith("application/xml")  # the format parameter was the one too many


def test_maintenance_and_a_rest_door_that_is_shut():
    assert MoodleSite(maintenance=True).call(INFO)["errorcode"] == "sitemaintenance"
    answer = MoodleSite(rest_enabled=False).ask([("wstoken", TOKEN), ("wsfunction", INFO)])
    assert (answer.status, answer.content) == (403, b"")


def test_debugging_tells_what_was_wrong_and_silence_does_not():
    values = {"username": "Upper"}
    assert "debuginfo" not in MoodleSite().create(**values)
    assert "Upper" in MoodleSite(debug=True).create(**values)["debuginfo"]


def test_the_tokens_user_must_not_be_suspended_or_deleted(site):
    site.emulator.store.run("UPDATE user SET suspended = 1 WHERE username = 'rollcall-ws'")
    assert site.call(INFO)["errorcode"] == "wsaccessusersuspended"
    site.emulator.store.run("UPDATE user SET deleted = 1 WHERE username = 'rollcall-ws'")
    assert site.call(INFO)["errorcode"] == "wsaccessuserdeleted"


def test_an_expired_token_is_an_access_exception_once_and_then_unknown(site):
    site.faults.set("moodle", expire_token_after=1)
    assert "sitename" in site.call(INFO)
    assert [site.call(INFO)["errorcode"] for _ in range(2)] == ["accessexception", "invalidtoken"]


def test_json_is_escaped_as_php_does_it(site):
    site.created(firstname="Zoë")
    answer = site.ask(
        [
            ("wstoken", TOKEN),
            ("wsfunction", "core_user_get_users_by_field"),
            ("moodlewsrestformat", "json"),
            ("field", "username"),
            ("values[]", "a.lee"),
        ]
    )
    assert b"Zo\\u00eb" in answer.content and b"http:\\/\\/" in answer.content


def test_any_other_path_is_an_html_page(site):
    answer = site.emulator.handle(Request.of("GET", "/my/"))
    assert answer.status == 404 and answer.headers["Content-Type"].startswith("text/html")


def test_a_token_is_fetched_with_a_password_and_refused_in_another_shape():
    site = MoodleSite(passwords={"rollcall-ws": "s3cret"})

    def fetch(**form):
        body = "&".join(f"{name}={value}" for name, value in form.items()).encode()
        return json.loads(site.emulator.handle(Request.of("POST", "/login/token.php", FORM, body)).content)

    assert fetch(username="rollcall-ws", password="s3cret", service="x") == {"token": TOKEN, "privatetoken": None}
    refused = fetch(username="rollcall-ws", password="no", service="x")
    assert refused["errorcode"] == "invalidlogin" and "exception" not in refused
    assert fetch(username="nobody", service="x")["errorcode"] == "invalidlogin"
    assert fetch(username="rollcall-ws", password="s3cret")["errorcode"] == "missingparam"


def test_a_setting_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="colour"):
        MoodleSite(colour="red")
