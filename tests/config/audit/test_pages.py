from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import clock
from config.audit.chain import verify
from config.audit.models import AuditDetail, AuditEntry
from config.trail.export import safe_cell
from tests.rows import an_entry, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_cache():
    cache.clear()


@pytest.fixture
def audrey(client):
    client.force_login(staff("Auditor"))
    return client


def unpacked(answer) -> tuple[bytes, dict]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    (name,) = [name for name in archive.namelist() if name != "manifest.json"]
    return archive.read(name), json.loads(archive.read("manifest.json"))


def test_entries_are_listed_newest_first_with_one_line_about_all(audrey):
    an_entry("run.queued", "run", "1"), an_entry("person.created"), an_entry("person.changed")
    answer = audrey.get("/admin/audit/")
    assert [line["entry"].action for line in answer.context["entries"]] == ["person.changed", "person.created", "run.queued"]
    assert "3 entries by 1 actors" in answer.content.decode()


def test_what_was_kept_is_said_in_words_in_both_languages(audrey):
    kept = {"state": None, "counts": {"academy create": 226, "people update": 3}, "mode": "full", "effect": [], "dry": False}
    an_entry("run.approve_plan", "run", "1", after=kept)
    number = AuditEntry.objects.get().pk
    rows = {name: becomes for name, _was, becomes in audrey.get(f"/admin/audit/{number}/").context["changes"]}
    assert rows == {"changes › academy: create": "226", "changes › people: update": "3", "what is read": "read everything", "dry run": "no"}
    german = audrey.get(f"/admin/audit/{number}/", headers={"Accept-Language": "de"})
    assert {name for name, _was, _becomes in german.context["changes"]} == {
        "Änderungen › academy: anlegen",
        "Änderungen › Personen: ändern",
        "was gelesen wird",
        "Probelauf",
    }


def test_rows_of_a_mapping_are_read_as_words_and_not_as_code(audrey):
    row = {"source": "work_email", "target": "email", "required": True, "condition": "", "transforms": ["email", "lower"]}
    an_entry("mapping.published", "mapping", "1", after={"rows": [row]})
    number = AuditEntry.objects.get().pk
    assert audrey.get(f"/admin/audit/{number}/").context["changes"] == [
        ("rows", "", "source path: work_email; target: email; required: yes; transforms: email, lower")
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("action=run.queued", 1),
        ("action=person.", 2),
        ("type=person&object=p-000001", 2),
        ("actor=Rollcall", 3),
        ("actor=Lea", 0),
        ("from=2000-01-01", 3),
        ("until=2000-01-01", 0),
        ("from=nonsense", 0),
    ],
)
def test_filters_narrow_by_action_object_actor_and_day(audrey, query, count):
    an_entry("run.queued", "run", "1"), an_entry("person.created"), an_entry("person.changed")
    assert len(audrey.get(f"/admin/audit/?{query}").context["entries"]) == count


def test_the_last_day_asked_for_is_included(audrey):
    an_entry()
    today = clock.today().isoformat()
    assert len(audrey.get(f"/admin/audit/?from={today}&until={today}").context["entries"]) == 1


def test_an_entry_shows_before_after_reason_and_its_place_in_the_chain(audrey):
    an_entry(
        "connector.changed",
        "connector",
        "1",
        before={"settings": {"tenant": "old"}},
        after={"settings": {"tenant": "new"}},
        label="Workday",
    )
    row = AuditEntry.objects.get()
    body = audrey.get(f"/admin/audit/{row.pk}/").content.decode()
    assert "Settings › tenant" in body and "<del>" in body and "old" in body and "new" in body and row.hash in body


def test_the_chain_is_verified_at_a_press_and_a_broken_one_is_named(audrey):
    an_entry(after={"title": "Analyst"}), an_entry()
    assert "The trail is whole: 2 entries checked" in audrey.post("/admin/audit/verify/", follow=True).content.decode()
    AuditDetail.objects.filter(entry=1).update(after={"title": "Boss"})
    assert "The trail is broken at position 1" in audrey.post("/admin/audit/verify/", follow=True).content.decode()
    assert "broken" not in audrey.get("/admin/audit/").content.decode()


def test_an_export_holds_what_was_asked_and_is_an_entry_itself(audrey):
    an_entry("run.queued", "run", "1"), an_entry("person.created", label="=cmd|' /C calc'!A0", after={"name": "Noor"})
    data, manifest = unpacked(audrey.post("/admin/audit/export/", {"format": "csv", "action": "person."}))
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    assert [row["action"] for row in rows] == ["person.created"] and rows[0]["label"].startswith("'=")
    assert (
        manifest["count"] == 1 and manifest["filters"] == {"action": "person."} and manifest["sha256"] == hashlib.sha256(data).hexdigest()
    )
    assert manifest["last"]["hash"] == AuditEntry.objects.get(action="person.created").hash
    assert AuditEntry.objects.latest("seq").action == "audit.export_audit" and verify().is_intact


def test_json_lines_hold_the_values_as_they_are(audrey):
    an_entry(after={"name": "Noor", "n": 2})
    data, manifest = unpacked(audrey.post("/admin/audit/export/", {"format": "jsonl"}))
    assert json.loads(data.splitlines()[0])["after"] == {"n": 2, "name": "Noor"} and manifest["file"] == "audit.jsonl"


def test_an_export_of_nothing_is_a_header_and_a_manifest(audrey):
    data, manifest = unpacked(audrey.post("/admin/audit/export/", {"format": "csv", "action": "nothing"}))
    assert data.decode().startswith("seq,") and manifest["count"] == 0 and manifest["first"] is None


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_is_never_a_formula(cell):
    assert safe_cell(cell) == f"'{cell}"


def test_engineers_read_the_trail_masked_and_take_nothing_away(client):
    client.force_login(staff("Integration engineer"))
    an_entry(after={"given_name": "Noor", "work_email": "noor@meridian.example"}, label="Noor Demir")
    for page in ("/admin/audit/", "/admin/audit/1/"):
        body = client.get(page).content.decode()
        assert "Noor" not in body and "noor@" not in body
    assert client.post("/admin/audit/export/", {"format": "csv"}).status_code == 403


def test_learning_admins_have_no_trail(client):
    client.force_login(staff())
    assert client.get("/admin/audit/").status_code == 403


def test_the_trail_costs_the_same_for_two_and_for_sixty_entries(audrey):
    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            assert audrey.get("/admin/audit/").status_code == 200
        return len(asked)

    an_entry(), an_entry()
    few = queries()
    for _number in range(58):
        an_entry(label="x", after={"a": 1})
    assert queries() == few


def test_paging_reaches_every_entry_once(audrey):
    for _number in range(105):
        an_entry()
    seen, address = [], "/admin/audit/"
    while address:
        answer = audrey.get(address)
        seen += [line["entry"].seq for line in answer.context["entries"]]
        following = answer.context["pager"].next
        address = "/admin/audit/" + following if following else ""
    assert seen == list(range(105, 0, -1))


def test_an_old_entry_is_found_by_its_day(audrey):
    an_entry()
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert not audrey.get(f"/admin/audit/?until={yesterday}").context["entries"]


@pytest.mark.parametrize(("query", "field"), [("from=31.12.2026", "From"), ("until=2026-02-31", "Until")])
def test_a_day_that_is_none_is_named_with_its_field_and_nothing_is_shown(audrey, query, field):
    an_entry()
    _key, _sign, value = query.partition("=")
    answer = audrey.get(f"/admin/audit/?{query}")
    body = answer.content.decode()
    assert answer.status_code == 400 and f"“{value}” in “{field}” is not a day, so nothing is shown." in body
    assert not answer.context["entries"] and "Export CSV" not in body, "no button for a file that could not be made"
    fine = audrey.get("/admin/audit/?from=2026-01-01&until=").content.decode()
    assert "is not a day" not in fine and "Export CSV" in fine


@pytest.mark.parametrize(("key", "field"), [("from", "From"), ("until", "Until")])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_for_a_day_that_is_none_is_no_file_of_everything(audrey, key, field, form):
    an_entry()
    answer = audrey.post("/admin/audit/export/", {"format": form, key: "31.12.2026"})
    assert answer.status_code == 400 and "zip" not in answer["Content-Type"]
    assert f"“31.12.2026” in “{field}” is not a day" in answer.content.decode()
    assert AuditEntry.objects.count() == 1, "what was not exported is no entry"


def test_an_export_into_a_kind_of_file_that_there_is_not_is_not_understood(audrey):
    an_entry()
    assert audrey.post("/admin/audit/export/", {"format": "xml"}).status_code == 400
    assert AuditEntry.objects.count() == 1


def test_what_only_some_of_many_offer_may_be_asked_for_and_is_shown_as_asked(audrey):
    an_entry("person.created")
    answer = audrey.get("/admin/audit/?action=person.")
    assert len(answer.context["entries"]) == 1 and '<option value="person." selected>' in answer.content.decode()
