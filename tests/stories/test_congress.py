"""Real input: a whole installation from one hand-written bundle and one public file of 537 people."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from openpyxl import Workbook

from config import clock
from identity.cases.models import Case
from identity.people.models import Person
from integrations.connectors.models import Connector, Credential
from integrations.sandbox.server import Running, running_sandbox
from syncjobs.bundle.export import as_yaml, snapshot
from syncjobs.bundle.plan import carry_out, plan
from syncjobs.bundle.read import read
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.pipeline.drive import drive
from syncjobs.plans.models import Plan
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.answers import answer
from tests.company import set_clock

BUNDLES = Path(__file__).parent.parent / "bundles"
FILE = "us_congress_people.csv"
TODAY = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def box(db: None, tmp_path: Path) -> Iterator[Running]:
    """The bundle is imported, the file lies where it says, Moodle listens. Moodle's address stands in for the real one."""
    set_clock(TODAY)
    folder = tmp_path / "congress"
    folder.mkdir()
    shutil.copy(BUNDLES / FILE, folder)
    with running_sandbox(100, TODAY.date(), now=clock.now, vendors=("moodle",)) as box:
        with override_settings(SANDBOX_HOSTS=[box.host], FILE_FOLDERS=[str(tmp_path)], DATA_DIR=tmp_path):
            text = (BUNDLES / "congress.yaml").read_text().replace("https://learn.congress.example", box.address("moodle"))
            carry_out(read(text))
            academy = Connector.objects.get(key="academy")
            Credential.objects.create(connector=academy, name="token", value="moodle-demo-token", set_at=clock.now())
            yield box
    clock.forget()


def sync() -> SyncRun:
    return drive(start_run(Connector.objects.get(key="congress"), Trigger.MANUAL, RunMode.FULL), patience_seconds=120)


def first_load() -> SyncRun:
    run = sync()
    assert run.phase == "awaiting approval", run.error_detail
    ApprovePlan(None, run).execute("the first plan, looked at")
    return drive(run, patience_seconds=120)


def learners(box: Running) -> dict[str, dict[str, str]]:
    return {one["idnumber"]: one for one in box.emulators["moodle"].accounts(limit=2000) if str(one["idnumber"]).startswith("P-")}


def rows() -> list[dict[str, str]]:
    with (BUNDLES / FILE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PARTIES = {"Democrat": "Democratic caucus", "Republican": "Republican conference", "Independent": "Independents"}


def test_537_rows_are_537_people_none_merged_none_lost_accents_intact(box: Running) -> None:
    run = first_load()
    assert run.phase == "succeeded", (run.error_detail, run.counts)
    assert run.counts["heard"] == 537 and run.counts["parked"] == 0
    assert Person.objects.count() == 537 and Case.objects.count() == 0
    made = learners(box)
    assert len(made) == 537
    people = {person.employee_number: person for person in Person.objects.all()}
    for row in rows():
        account = made[people[row["bioguide"]].public_id]
        called = row["nickname"] or row["first"]
        assert (account["firstname"], account["lastname"]) in ((called, row["last"]), (row["first"], row["last"])), row["official_full"]
    accented = [row for row in rows() if not (row["first"] + row["last"]).isascii()]
    assert len(accented) > 5 and {"Velázquez"} <= {row["last"] for row in accented}
    assert len({one["email"] for one in made.values()}) == 537


def test_nickname_suffix_chamber_party_and_terms_are_where_the_bundle_puts_them(box: Running) -> None:
    first_load()
    people = {person.employee_number: person for person in Person.objects.all()}
    for row in rows():
        values = people[row["bioguide"]].values
        assert values.get("preferred_name", "") == row["nickname"] and values.get("name_suffix", "") == row["suffix"]
        assert values["department"] == {"sen": "Senate", "rep": "House of Representatives"}[row["chamber"]]
        assert values["company"] == PARTIES[row["party"]]
        assert values["hire_on"] == (row["first_elected"] or row["term_start"]) and values["termination_on"] == row["term_end"]
    sanders = people["S000033"]
    assert sanders.display_name == "Bernie Sanders" and sanders.email == "bernard.sanders.s000033@congress.example"


def test_a_whole_installation_is_one_bundle_and_one_sync(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a shell alone: import, the one secret, sync. The first plan waits for a person, as everywhere."""
    set_clock(TODAY)
    (tmp_path / "congress").mkdir()
    shutil.copy(BUNDLES / FILE, tmp_path / "congress")
    with running_sandbox(100, TODAY.date(), now=clock.now, vendors=("moodle",)) as moodle:
        with override_settings(SANDBOX_HOSTS=[moodle.host], FILE_FOLDERS=[str(tmp_path)], DATA_DIR=tmp_path):
            bundle = tmp_path / "congress.yaml"
            bundle.write_text((BUNDLES / "congress.yaml").read_text().replace("https://learn.congress.example", moodle.address("moodle")))
            assert answer("bundle", "import", str(bundle), "--yes")[0] == 0
            assert answer("set_secret", "academy", "token", stdin="moodle-demo-token", monkeypatch=monkeypatch)[0] == 0
            code, said = answer("sync", "congress", "--full")
            assert code == 3 and said["data"]["plan"]["academy"] == {"create": 537}
            ApprovePlan(None, SyncRun.objects.get()).execute("the first plan, looked at")
            code, said = answer("sync", "congress", "--full")
            assert code == 0 and said["data"]["counts"]["same"] == 537 and said["data"]["plan"] == {}
            assert len(learners(moodle)) == 537
            assert answer("verify_ledger")[0] == 0 and answer("verify_audit")[0] == 0
    clock.forget()


def test_the_same_file_again_plans_nothing(box: Running) -> None:
    first_load()
    again = sync()
    assert again.phase == "succeeded"
    assert again.counts["same"] == 537 and Plan.objects.get(run=again).counts == {}


def test_a_file_without_a_required_column_changes_nothing_and_names_the_column(box: Running, tmp_path: Path) -> None:
    first_load()
    before = list(Person.objects.order_by("pk").values_list("pk", "version"))
    file = tmp_path / "congress" / FILE
    file.write_text(file.read_text(encoding="utf-8").replace("chamber", "house", 1), encoding="utf-8")
    run = sync()
    assert run.phase == "failed" and run.error_code == "source_field_missing"
    assert "chamber" in run.error_detail
    assert list(Person.objects.order_by("pk").values_list("pk", "version")) == before


@pytest.mark.parametrize(("encoding", "delimiter"), [("latin-1", ";"), ("utf-16", "\t"), ("cp1252", "|")])
def test_the_same_people_in_another_encoding_and_delimiter(box: Running, tmp_path: Path, encoding: str, delimiter: str) -> None:

    file = tmp_path / "congress" / FILE
    rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    with file.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=delimiter).writerows(rows)
    run = first_load()
    assert run.phase == "succeeded", run.error_detail
    assert Person.objects.count() == 537
    assert Person.objects.filter(values__family_name="Velázquez").count() == 1


def test_the_same_people_in_a_workbook(box: Running, tmp_path: Path) -> None:

    file = tmp_path / "congress" / FILE
    book = Workbook(write_only=True)
    sheet = book.create_sheet("People")
    for row in csv.reader(file.read_text(encoding="utf-8").splitlines()):
        sheet.append(row)
    book.save(tmp_path / "congress" / "people.xlsx")
    connector = Connector.objects.get(key="congress")
    connector.settings = {**connector.settings, "pattern": "*.xlsx"}
    connector.save()
    run = first_load()
    assert run.phase == "succeeded", run.error_detail
    assert Person.objects.count() == 537


def test_a_bundle_goes_out_and_in_again_without_a_difference(box: Running) -> None:
    text = as_yaml(snapshot())
    assert as_yaml(snapshot()) == text
    assert {item.verb for item in plan(read(text))} == {"same"}
    assert "moodle-demo-token" not in text


def test_a_bundle_that_is_wrong_says_where_and_imports_nothing(db: None, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("rollcall: 1\nconnectors:\n  - {key: a, vendor: csv_file, settings: {id_colum: x}}\n")
    with pytest.raises(CommandError, match="id_colum"):
        call_command("bundle", "import", str(file), "--yes")
    assert not Connector.objects.exists()


def test_codes_keep_what_was_written(db: None) -> None:
    bundle = read(
        "rollcall: 1\nvalue_maps:\n  - key: countries\n    rows:\n      - {code: NO, name: Norway}\n      - {code: 007, name: 'Yes'}\n"
    )
    assert [row["code"] for row in bundle["value_maps"][0]["rows"]] == ["NO", "007"]
