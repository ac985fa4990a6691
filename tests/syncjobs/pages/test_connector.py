from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from config import clock
from config.audit.models import AuditDetail, AuditEntry
from config.sentences import sentence
from integrations.connectors.models import Connector, ConnectorIssue, Credential, RequestLog
from integrations.mapping.models import MappingVersion
from integrations.records.models import Watermark
from integrations.sandbox.server import running_sandbox
from tests.cost import cost
from tests.rows import a_connector, staff
from tests.syncjobs.pages.run_rows import a_run

pytestmark = pytest.mark.django_db

MOODLE = {
    "name": "Academy",
    "base_url": "https://learn.example.com",
    "auth": "oidc",
    "idnumber": "public_id",
    "preboarding": "on_day_one",
    "managers": "none",
    "manager_shown": "manager_name",
    "batch_size": "50",
    "max_input_vars": "1000",
    "languages": "en\nde",
}


@pytest.fixture
def ivan(client):
    client.force_login(staff("Integration engineer"))
    return client


@pytest.fixture
def academy():
    made = a_connector("academy", settings={"base_url": "https://learn.example.com", "auth": "oidc"})
    Credential.objects.create(connector=made, name="token", value="the-old-token", set_at=clock.now())
    return made


def press(client, address, form, **more):
    """Fill in the form, look at the preview, press its button; the answer to that."""
    preview = client.post(address, form)
    assert preview.status_code == 200, preview.context and preview.context.get("form") and preview.context["form"].errors
    return client.post(address, {"carried": preview.context["carries"], "reason": "the test says so", **more})


def page(connector: Connector, tab: str = "") -> str:
    return f"/admin/connectors/{connector.pk}/" + (f"{tab}/" if tab else "")


def test_the_list_says_each_state_in_a_word(ivan, academy):
    a_connector("workday", last_success_at=clock.now())
    a_connector("bamboohr", state="paused")
    ConnectorIssue.objects.create(connector=academy, code="credential_rejected", first_at=clock.now(), last_at=clock.now())
    context = ivan.get("/admin/connectors/").context
    states = {line["row"].connector.key: line["row"].state for line in [*context["sources"], *context["targets"]]}
    assert states == {"workday": "on time", "bamboohr": "paused", "academy": "action needed"}


def test_an_issue_says_what_is_wrong_and_what_to_do_next(ivan, academy):
    ConnectorIssue.objects.create(
        connector=academy,
        code="credential_rejected",
        detail=sentence("the server only takes: %(allowed_types)s", allowed_types=["keys"]),
        first_at=clock.now(),
        last_at=clock.now(),
    )
    body = ivan.get(page(academy)).content.decode()
    assert "the server only takes: keys" in body and "Next:" in body


@pytest.mark.parametrize("tab", ["", "settings", "mappings", "runs", "requests", "credentials", "limits", "danger"])
def test_every_tab_opens_for_all_who_may_see_connectors_and_never_shows_a_secret(client, academy, tab):
    for role in ("Integration engineer", "L&D admin", "Auditor"):
        client.force_login(staff(role))
        answer = client.get(page(academy, tab))
        assert answer.status_code == 200
        assert "the-old-token" not in answer.content.decode()


def test_a_tab_that_is_none_is_not_found(ivan, academy):
    assert ivan.get(page(academy, "nonsense")).status_code == 404


def test_settings_are_saved_with_a_trail_and_an_empty_secret_stays_as_it_is(ivan, academy):
    answer = press(ivan, page(academy, "save"), {**MOODLE, "base_url": "https://learn.example.com/moodle", "token": ""})
    assert answer.status_code == 302
    academy.refresh_from_db()
    assert academy.settings["base_url"] == "https://learn.example.com/moodle" and academy.settings["languages"] == ["en", "de"]
    assert Credential.objects.get(connector=academy).value == "the-old-token"
    assert AuditEntry.objects.filter(action="connector.save_connector").count() == 1
    assert "token" not in academy.settings


def test_a_typed_secret_is_kept_and_enters_neither_history_nor_trail(ivan, academy):
    press(ivan, page(academy, "save"), {**MOODLE, "token": "a-new-and-secret-token"})
    assert Credential.objects.get(connector=academy).value == "a-new-and-secret-token"
    details = str(list(AuditDetail.objects.values_list("label", "before", "after"))) + str(
        list(academy.history.values_list("settings", flat=True))
    )
    assert "a-new-and-secret-token" not in details and ": replaced" in details


def test_what_is_missing_comes_back_at_its_field_and_nothing_is_saved(ivan, academy):
    answer = ivan.post(page(academy, "save"), {**MOODLE, "base_url": ""})
    assert answer.status_code == 400 and "base_url" in answer.context["form"].errors
    academy.refresh_from_db()
    assert academy.settings["base_url"] == "https://learn.example.com"


def test_a_new_connector_gets_its_default_mapping(ivan):
    assert ivan.get("/admin/connectors/add/").status_code == 200
    answer = press(ivan, "/admin/connectors/add/moodle/", {**MOODLE, "token": "abc"})
    made = Connector.objects.get()
    assert answer["Location"] == page(made)
    assert (made.key, made.is_target) == ("academy", True)
    assert MappingVersion.objects.filter(connector=made, state="published").exists()
    press(ivan, "/admin/connectors/add/moodle/", {**MOODLE, "token": "abc"})
    assert set(Connector.objects.values_list("key", flat=True)) == {"academy", "academy-2"}


def test_a_new_connector_without_its_secret_is_refused(ivan):
    answer = ivan.post("/admin/connectors/add/moodle/", MOODLE)
    assert answer.status_code == 400 and "token" in answer.context["form"].errors
    assert not Connector.objects.exists()


def test_reasons_that_end_access_at_once_are_offered_where_the_source_tells_reasons(ivan):
    tells, tells_none = a_connector("workday"), a_connector("bamboohr")
    assert 'name="urgent_reasons"' in ivan.get(page(tells, "limits")).content.decode()
    assert 'name="urgent_reasons"' not in ivan.get(page(tells_none, "limits")).content.decode()


def test_limits_want_a_reason_and_are_stored_as_shares(ivan, academy):
    form = {
        f"{kind}_{what}": value
        for kind in ("create", "update", "deactivate", "reactivate", "link")
        for what, value in (("people", 5), ("share", 7.5), ("most", 100))
    }
    form |= {"units": "Digital\n\nSales ", "locations": "", "people": "", "before_start": "none", "on_leave": "suspended"}
    assert press(ivan, page(academy, "save-limits"), form, reason="").status_code == 400
    assert press(ivan, page(academy, "save-limits"), form, reason="pilot").status_code == 302
    academy.refresh_from_db()
    assert academy.guard["deactivate"] == {"people": 5, "share": 0.075, "most": 100}
    assert academy.pilot == {"units": ["Digital", "Sales"]} and academy.policy["on_leave"] == "suspended"
    assert "before_start" not in academy.policy, "people who start later are asked for once, among Moodle's settings"


def test_pause_and_resume_leave_their_reason(ivan, academy):
    assert ivan.post(page(academy, "act/pause"), {"reason": ""}).status_code == 400
    ivan.post(page(academy, "act/pause"), {"reason": "maintenance"})
    academy.refresh_from_db()
    assert academy.state == "paused"
    ivan.post(page(academy, "act/resume"))
    academy.refresh_from_db()
    assert academy.state == "active"
    assert AuditEntry.objects.get(action="connector.pause_connector").cause.reason == "maintenance"


def test_a_secret_is_replaced_in_place(ivan, academy):
    assert ivan.get(page(academy, "secrets/token")).status_code == 200
    press(ivan, page(academy, "secrets/token"), {"value": "fresh"})
    assert Credential.objects.get(connector=academy).value == "fresh"
    assert ivan.get(page(academy, "secrets/base_url")).status_code == 404


def test_requests_can_be_narrowed_to_those_that_failed(ivan, academy):
    def asked(status, code=""):
        RequestLog.objects.create(
            connector=academy, at=clock.now(), method="POST", url="https://learn.example.com/x", status=status, ms=12, error_code=code
        )

    asked(200), asked(500), asked(None, "timed_out"), asked(200, "request_refused")
    found = ivan.get(page(academy, "requests") + "?only=failed").context["requests"]
    assert sorted((one.status or 0, one.error_code) for one in found) == [(0, "timed_out"), (200, "request_refused"), (500, "")]


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_connection_is_tested_only_after_a_press_and_shows_every_step(client, settings):
    client.force_login(staff("Integration engineer"))
    with running_sandbox(100, clock.today(), now=clock.now) as box:
        settings.SANDBOX_HOSTS = [box.host]
        made = a_connector("academy", settings={"base_url": f"{box.url}/moodle", "auth": "oidc"})
        Credential.objects.create(connector=made, name="token", value="wrong", set_at=clock.now())
        assert client.get(page(made, "test")).status_code == 200 and not RequestLog.objects.exists()
        bad = client.post(page(made, "test"))
        Credential.objects.filter(connector=made).delete()
        Credential.objects.create(connector=made, name="token", value="moodle-demo-token", set_at=clock.now())
        good = client.post(page(made, "test"))
    assert bad.context["failed"] and "Next:" in bad.content.decode()
    assert not good.context["failed"] and "The connection works" in good.content.decode()
    assert not ConnectorIssue.objects.filter(closed_at=None).exists()
    said = AuditEntry.objects.filter(action="connector.test_connection").order_by("seq").values_list("detail__after__state__ok", flat=True)
    assert list(said) == [False, True]
    assert "Last connection test" in client.get(page(made)).content.decode()


def test_an_uploaded_file_is_the_one_that_counts_and_old_ones_are_removed(ivan, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    made = a_connector("extract", vendor="csv_file", settings={"source": "upload", "id_column": "Employee ID"})
    for number in range(7):
        ivan.post(page(made, "upload"), {"file": SimpleUploadedFile("../../etc/people.csv", f"Employee ID\n{number}\n".encode())})
    made.refresh_from_db()
    assert Path(made.settings["path"]).parent == tmp_path / "files"
    assert Path(made.settings["path"]).read_text() == "Employee ID\n6\n"
    assert len(list((tmp_path / "files").iterdir())) == 5


@pytest.mark.parametrize("source", ["folder", "sftp"])
def test_an_upload_does_not_change_where_a_connector_reads(client, settings, tmp_path, source):
    settings.DATA_DIR = tmp_path
    client.force_login(staff())
    made = a_connector("extract", vendor="csv_file", settings={"source": source, "id_column": "Employee ID"})
    assert "Upload a file" not in client.get(page(made)).content.decode()
    answer = client.post(page(made, "upload"), {"file": SimpleUploadedFile("people.csv", b"Employee ID\n1\n")})
    assert answer.status_code == 403 and not (tmp_path / "files").exists()
    made.refresh_from_db()
    assert made.settings["source"] == source


@pytest.mark.parametrize("name", ["people.exe", "people", "people.csv.zip"])
def test_what_is_no_table_is_not_kept(ivan, settings, tmp_path, name):
    settings.DATA_DIR = tmp_path
    made = a_connector("extract", vendor="csv_file", settings={"source": "upload", "id_column": "Employee ID"})
    assert ivan.post(page(made, "upload"), {"file": SimpleUploadedFile(name, b"MZ")}).status_code == 400
    assert not (tmp_path / "files").exists()


def test_learning_admins_may_look_and_test_but_not_change(client, academy):
    client.force_login(staff())
    assert client.get(page(academy, "settings")).status_code == 200
    for path in ("save", "save-limits", "secrets/token"):
        assert client.post(page(academy, path), MOODLE).status_code == 403
    assert client.post(page(academy, "act/pause"), {"reason": "x"}).status_code == 403
    academy.refresh_from_db()
    assert academy.state == "active"


def test_list_and_page_cost_the_same_with_more_connectors_and_issues(ivan, academy):
    few = cost(ivan, "/admin/connectors/"), cost(ivan, page(academy))
    for number, code in enumerate(("timed_out", "rate_limited", "not_found")):
        made = a_connector(f"more-{number}", vendor="workday")
        at = clock.now() - timedelta(minutes=number)
        ConnectorIssue.objects.create(connector=made, code=code, first_at=at, last_at=at)
        ConnectorIssue.objects.create(connector=academy, code=code, first_at=at, last_at=at)
    assert (cost(ivan, "/admin/connectors/"), cost(ivan, page(academy))) == few


@pytest.mark.parametrize("address", ["https://elsewhere.example.com", "https://learn.example.com:8443", "http://learn.example.com"])
def test_a_stored_secret_does_not_follow_the_connector_to_another_server(ivan, academy, address):
    answer = ivan.post(page(academy, "save"), {**MOODLE, "base_url": address})
    academy.refresh_from_db()
    assert answer.status_code == 400 and academy.settings["base_url"] == "https://learn.example.com"


def test_a_new_address_is_saved_with_the_secret_typed_again(ivan, academy):
    press(ivan, page(academy, "save"), {**MOODLE, "base_url": "https://elsewhere.example.com", "token": "typed-again"})
    academy.refresh_from_db()
    assert academy.settings["base_url"] == "https://elsewhere.example.com"
    assert Credential.objects.get(connector=academy).value == "typed-again"


@pytest.mark.parametrize(
    "address",
    [
        "https://user:hunter22@learn.example.com",
        "https://learn.example.com/?wstoken=hunter22",
        "https://169.254.169.254/latest",
        "https://10.0.0.7",
        "https://[::ffff:127.0.0.1]/",
        "file:///etc/passwd",
        "http://learn.example.com",
    ],
)
def test_an_address_that_holds_a_secret_or_leads_inside_is_refused_when_it_is_saved(ivan, address):
    answer = ivan.post("/admin/connectors/add/moodle/", {**MOODLE, "base_url": address, "token": "abc"})
    assert answer.status_code == 400 and not Connector.objects.exists()


def test_a_secret_is_ciphertext_in_the_database(academy):
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM integrations_credential")
        (stored,) = cursor.fetchone()
    assert "the-old-token" not in stored and stored.startswith("gAAAA")
    history = "\n".join(str(row.settings) for row in Connector.history.all())
    assert "the-old-token" not in history


# ── through the preview ─────────────────────────────────────────────────────────────────────────────


def test_nothing_is_saved_before_the_button_and_a_typed_secret_stands_on_no_page(ivan, academy):
    preview = ivan.post(page(academy, "save"), {**MOODLE, "base_url": "https://learn.example.com/m", "token": "typed-just-now"})
    body = preview.content.decode()
    assert "https://learn.example.com → https://learn.example.com/m" in body and ": replaced" in body
    assert "typed-just-now" not in body
    academy.refresh_from_db()
    assert academy.settings["base_url"] == "https://learn.example.com"
    assert Credential.objects.get(connector=academy).value == "the-old-token"
    assert not AuditEntry.objects.filter(action="connector.save_connector").exists()


def test_back_to_the_form_keeps_what_was_typed(ivan, academy):
    preview = ivan.post(page(academy, "save"), {**MOODLE, "name": "Typed name", "token": "typed-just-now"})
    again = ivan.post(page(academy, "save"), {"carried": preview.context["carries"], "again": "1"})
    assert again.status_code == 200 and again.context["form"]["name"].value() == "Typed name"
    assert "typed-just-now" not in again.content.decode()
    assert not AuditEntry.objects.filter(action="connector.save_connector").exists()


def test_a_preview_serves_its_reader_its_connector_and_an_hour(ivan, client, academy, monkeypatch):
    carried = ivan.post(page(academy, "save"), {**MOODLE, "name": "Mine"}).context["carries"]
    other = a_connector("academy-2", vendor="moodle", settings=academy.settings)
    assert ivan.post(page(other, "save"), {"carried": carried})["Location"] == page(other, "settings")
    assert ivan.post(page(academy, "save"), {"carried": "nonsense"})["Location"] == page(academy, "settings")
    monkeypatch.setattr("config.carried.HOLDS_SECONDS", -1)
    ivan.post(page(academy, "save"), {"carried": carried})
    monkeypatch.undo()
    client.force_login(staff("Integration engineer"))
    client.post(page(academy, "save"), {"carried": carried})
    academy.refresh_from_db()
    assert academy.name != "Mine" and not AuditEntry.objects.filter(action="connector.save_connector").exists()


def test_a_form_that_changes_nothing_says_so(ivan, academy):
    press(ivan, page(academy, "save"), MOODLE)
    answer = ivan.post(page(academy, "save"), MOODLE, follow=True)
    assert "Nothing differs from what is stored." in answer.content.decode()
    assert AuditEntry.objects.filter(action="connector.save_connector").count() == 1


def test_somebody_quicker_is_told_of_and_not_undone(ivan, academy):
    mine = ivan.post(page(academy, "save"), {**MOODLE, "name": "Mine"}).context["carries"]
    press(ivan, page(academy, "save"), {**MOODLE, "name": "Theirs"})
    answer = ivan.post(page(academy, "save"), {"carried": mine, "reason": "x"}, follow=True)
    assert "Somebody else has changed this in the meantime." in answer.content.decode()
    academy.refresh_from_db()
    assert academy.name == "Theirs"


def test_a_target_that_rests_says_so_everywhere_and_can_be_asked_again_at_once(ivan, academy):
    assert "not resting" in ivan.get(page(academy)).content.decode()
    Connector.objects.filter(pk=academy.pk).update(breaker_until=clock.now() + timedelta(minutes=5), failures=3)
    body = ivan.get(page(academy)).content.decode()
    assert "3 calls in a row failed" in body and "Try again now" in body
    assert "rests after failures until" in ivan.get("/admin/connectors/").content.decode()
    a_run(a_connector("workday"))  # the overview has a table once something has run
    assert "rests after failures until" in ivan.get("/admin/").content.decode()
    ivan.post(page(academy, "end-rest"))
    assert Connector.objects.get(pk=academy.pk).breaker_until is None and "not resting" in ivan.get(page(academy)).content.decode()


def test_a_field_that_came_empty_for_everybody_stands_on_the_connector_and_on_the_overview_until_it_is_back(ivan):
    workday = a_connector("workday")
    a_run(workday)
    mark = Watermark.objects.create(connector=workday, stream="workers", vanished={"Preferred_Name": 40})
    for address in (page(workday), "/admin/"):
        body = ivan.get(address).content.decode()
        assert "Preferred_Name" in body and "/admin/mappings/workday/workers/" in body, address
    mark.vanished = {}
    mark.save()
    for address in (page(workday), "/admin/"):
        assert "Preferred_Name" not in ivan.get(address).content.decode()
