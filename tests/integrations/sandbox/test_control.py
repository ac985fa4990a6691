"""The control API, and who may use it."""

from __future__ import annotations

import pytest
import requests

from integrations.sandbox import cast
from integrations.sandbox.exchange import Request
from integrations.sandbox.sandbox import Sandbox
from integrations.sandbox.server import DEFAULT_TODAY, answer, running_sandbox
from integrations.sandbox.world import Clock, World

pytestmark = pytest.mark.servers

NOOR = cast.NOOR_VAN_DEN_BERG.key


@pytest.fixture
def sandbox():
    with running_sandbox(vendors=("moodle",)) as running:
        yield running


@pytest.fixture
def control(sandbox):
    def ask(method, path, body=None, **more):
        return requests.request(method, f"{sandbox.url}/control/{path}", json=body, timeout=5, **more)

    return ask


def test_the_state_tells_time_people_vendors_and_switches(control):
    state = control("GET", "state").json()
    assert state["people"] == {"workday": 900, "bamboohr": 250, "csv": 50}
    assert state["now"].startswith("2026-06-10T09:00:00")
    assert state["vendors"]["moodle"]["prefix"] == "/moodle"
    assert state["can_advance"] is True


def test_a_verb_is_carried_out_and_the_person_comes_back(control, sandbox):
    answered = control(
        "POST", "world/change_title", {"hr": "workday", "key": NOOR, "title": "Senior Analyst", "effective_on": "2026-06-12"}
    )
    assert answered.json()["worker"]["title"] == "Analyst II"
    assert sandbox.world.recent(1)[0].effective_on.isoformat() == "2026-06-12"


def test_advancing_a_day_brings_what_was_dated(control):
    control("POST", "world/change_title", {"hr": "workday", "key": NOOR, "title": "Senior Analyst", "effective_on": "2026-06-12"})
    assert control("POST", "advance", {"days": 2}).json()["now"].startswith("2026-06-12")
    assert control("GET", "people?q=noor berg").json()["people"][0]["title"] == "Senior Analyst"


def test_a_refusal_is_a_400_with_its_sentence(control):
    answered = control("POST", "world/rehire", {"hr": "workday", "key": NOOR})
    assert (answered.status_code, answered.json()["error"]) == (400, "Noor van den Berg never left")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "nothing", 404), ("GET", "advance", 405), ("POST", "state", 405), ("POST", "world/fly", 400), ("POST", "faults/sap", 400)],
)
def test_an_unknown_path_or_verb_is_refused(control, method, path, status):
    assert control(method, path, {}).status_code == status


@pytest.mark.parametrize("body", [b"[]", b"{", b'"x"'])
def test_a_body_that_is_no_object_is_refused(sandbox, body):
    assert requests.post(sandbox.url + "/control/advance", data=body, timeout=5).status_code == 400


def test_switches_are_set_and_cleared(control, sandbox):
    control("POST", "faults/moodle", {"slow": 0.5, "rate_limited": 3})
    assert sandbox.faults.for_vendor("moodle").broken() == ["slow", "rate_limited"]
    control("POST", "faults/moodle", {"clear": True, "empty": True})
    assert sandbox.faults.for_vendor("moodle").broken() == ["empty"]


def test_an_emulators_own_settings_change_while_it_runs(control, sandbox):
    assert control("POST", "settings/moodle", {"maintenance": True}).json()["maintenance"] is True
    assert control("POST", "settings/moodle", {"colour": "red"}).status_code == 400


def test_exchanges_are_listed_by_vendor(control, sandbox):
    requests.get(sandbox.address("moodle") + "/somewhere", timeout=5)
    assert [one["path"] for one in control("GET", "requests?vendor=moodle").json()["moodle"]] == ["/moodle/somewhere"]


def test_a_reset_brings_the_first_day_back(control, sandbox):
    control("POST", "world/hire", {"hr": "csv", "given": "Zoë", "family": "Ünal"})
    control("POST", "faults/moodle", {"empty": True})
    control("POST", "reset")
    assert sandbox.world.count("csv") == 50
    assert sandbox.faults.for_vendor("moodle").broken() == []


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_sites_page_may_not_steer(control, sandbox, headers):
    assert control("POST", "reset", headers=headers).status_code == 403
    assert control("POST", "reset", headers={"Origin": sandbox.url, "Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_name_that_merely_points_here_is_refused(control):
    assert control("GET", "state", headers={"Host": "rebound.example"}).status_code == 403


def asked(client, host="127.0.0.1:8765", **options):
    world = World(size=100, today=DEFAULT_TODAY, now=Clock(DEFAULT_TODAY))
    sandbox = Sandbox(world, vendors=(), **options)
    return answer(sandbox, Request.of("GET", "/control/state", base_url=f"http://{host}", client=client)).status


@pytest.mark.parametrize(("client", "status"), [("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.0.0.7", 403), ("", 403)])
def test_only_this_machine_may_steer(client, status):
    assert asked(client) == status


def test_a_trusted_network_may_steer_under_any_name():
    assert asked("172.18.0.1", "sandbox:8765", trusted=("172.16.0.0/12",)) == 200
    assert asked("10.0.0.7", "sandbox:8765", trusted=("172.16.0.0/12",)) == 403


def test_without_a_clock_to_move_advancing_is_refused():
    world = World(size=100, today=DEFAULT_TODAY, now=Clock(DEFAULT_TODAY))
    request = Request.of("POST", "/control/advance", body=b"{}", base_url="http://localhost")
    refused = answer(Sandbox(world, vendors=()), request)
    assert refused.status == 400 and b"real clock" in refused.content
