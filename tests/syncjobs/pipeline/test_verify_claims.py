"""Reading back claims only what was read: fields and groups, each by name; a role over somebody is never shown by Moodle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.errors import Unavailable
from identity.people.models import Person
from integrations.connectors.models import Connector
from integrations.connectors.open import opened
from integrations.outbound.models import Delivery
from integrations.records.models import SourceRecord
from integrations.sandbox.emulators.moodle.call import Token
from integrations.sandbox.emulators.moodle.emulator import DEMO_TOKEN, FUNCTIONS
from integrations.vendors.base import Record
from syncjobs.pipeline import stages
from syncjobs.pipeline.verify import BATCH, Batch, _read
from syncjobs.runs.models import Phase, SyncRun
from tests.builders import Library
from tests.company import Company, meridian

pytestmark = pytest.mark.servers


@pytest.fixture
def company(db: None, tmp_path: Path) -> Iterator[Company]:
    with meridian(tmp_path) as company:
        yield company


def set_target(company: Company, **settings: Any) -> None:
    academy = company.connector("academy")
    academy.settings = {**academy.settings, **settings}
    academy.save()


def store(company: Company) -> Any:
    return company.box.emulators["moodle"].store  # type: ignore[attr-defined]


def before_verify(company: Company, monkeypatch: pytest.MonkeyPatch, act: Any) -> SyncRun:
    """A night in which `act` happens after everything was written and before it is read back."""
    done: list[bool] = []
    verify = dict(stages.STAGES)["verify"]

    def late(*args: Any) -> bool:
        if not done:
            done.append(True)
            act()
        return verify(*args)

    with monkeypatch.context() as patch:
        patch.setattr(stages, "STAGES", tuple((name, late if name == "verify" else stage) for name, stage in stages.STAGES))
        (run,) = company.night("workday")
    return run


def test_accounts_and_their_groups_are_read_back(company: Company) -> None:
    (run,) = company.night("workday")
    for operation in ("create", "cohorts"):
        rows = Delivery.objects.filter(operation=operation, state="delivered")
        assert rows.exists() and not rows.filter(verified_at=None).exists()
    assert run.counts["differ"] == 0 and run.counts["read_back"] == {}


def test_a_member_removed_by_hand_is_found_and_named(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    removed: list[int] = []

    def remove() -> None:
        row = store(company).row("SELECT m.cohortid, m.userid, c.idnumber FROM cohort_members m JOIN cohort c ON c.id = m.cohortid")
        store(company).run("DELETE FROM cohort_members WHERE cohortid = ? AND userid = ?", row["cohortid"], row["userid"])
        removed.append(row["userid"])

    run = before_verify(company, monkeypatch, remove)
    (row,) = Delivery.objects.filter(operation="cohorts", verified_at=None)
    assert row.remote_id == str(removed[0]) and run.counts["differ"] == 1
    assert row.read_back == {"differs": {"cohorts": [row.values["add"], []]}}
    assert run.counts["read_back"] == {"differs:cohorts": 1}
    assert Delivery.objects.get(operation="create", remote_id=row.remote_id).verified_at is not None  # the account itself is as written
    assert SourceRecord.objects.get(connector__key="academy", external_id=row.remote_id).values["cohorts"] == []


def test_somebody_put_out_of_a_group_later_is_found_when_the_account_is_next_written(company: Company) -> None:
    company.night("workday")
    group = Delivery.objects.filter(operation="cohorts").first()
    assert group is not None
    store(company).run("DELETE FROM cohort_members WHERE userid = ?", int(group.remote_id))
    worker = company.hr.by_number("workday", Person.objects.get(pk=group.subject_id).employee_number)
    assert worker is not None
    company.hr.rename("workday", worker.key, family="Nachtigall")
    run = company.night("workday")[0]
    update = Delivery.objects.get(cause=run.cause, operation="update", subject_id=group.subject_id)
    assert update.verified_at is None and update.read_back["differs"]["cohorts"] == [group.values["add"], []]


def test_a_field_that_was_changed_or_emptied_by_hand_is_found(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[int] = []

    def change() -> None:
        rows = store(company).rows(
            "SELECT id FROM user WHERE department <> '' AND phone1 <> '' AND idnumber LIKE 'P-%' ORDER BY id LIMIT 2"
        )
        changed.extend(row["id"] for row in rows)
        store(company).run("UPDATE user SET department = 'Elsewhere' WHERE id = ?", changed[0])
        store(company).run("UPDATE user SET department = '' WHERE id = ?", changed[1])

    run = before_verify(company, monkeypatch, change)
    found = {row.remote_id: row.read_back["differs"]["department"][1] for row in Delivery.objects.filter(read_back__differs__isnull=False)}
    assert found == {str(changed[0]): "Elsewhere", str(changed[1]): ""}
    assert run.counts["read_back"] == {"differs:department": 2}


def test_what_a_site_hides_from_us_is_not_called_equal(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    hide = lambda: company.box.sandbox.configure("moodle", hidden_fields=["city"])  # noqa: E731
    run = before_verify(company, monkeypatch, hide)
    assert run.counts["differ"] == 0 and run.counts["read_back"]["unshown:city"] > 0
    row = Delivery.objects.filter(operation="create", read_back__unshown__isnull=False).first()
    assert row is not None and row.read_back["unshown"] == ["city"] and row.verified_at is not None  # the rest was shown, and equal


def test_a_role_over_somebody_is_written_and_never_called_read_back(company: Company) -> None:
    set_target(company, managers="role", manager_role=9)
    (run,) = company.night("workday")
    rows = Delivery.objects.filter(operation="set_manager", state="delivered")
    assert rows.exists() and not rows.exclude(verified_at=None).exists()
    assert all(row.read_back == {"unshown": ["manager"]} for row in rows)
    assert run.counts["read_back"] == {"unshown:manager": rows.count()}


def test_an_account_that_does_not_come_back_is_told(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[int] = []

    def delete() -> None:
        row = store(company).row("SELECT id FROM user WHERE idnumber LIKE 'P-%' ORDER BY id")
        gone.append(row["id"])
        store(company).run("UPDATE user SET deleted = 1 WHERE id = ?", row["id"])

    run = before_verify(company, monkeypatch, delete)
    rows = Delivery.objects.filter(read_back__absent=True)
    assert {row.remote_id for row in rows} == {str(gone[0])} and run.counts["read_back"]["absent"] == 1


def test_a_service_without_the_function_costs_the_claim_and_not_the_run(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    moodle = company.box.emulators["moodle"]

    def narrow() -> None:
        some = tuple(name for name in FUNCTIONS if name != "core_cohort_get_cohort_members")
        moodle.tokens[DEMO_TOKEN] = Token(DEMO_TOKEN, functions=some)  # type: ignore[attr-defined]

    run = before_verify(company, monkeypatch, narrow)
    assert run.phase == Phase.SUCCEEDED and run.counts["groups_refused"]
    assert not Delivery.objects.filter(operation="cohorts").exclude(verified_at=None).exists()
    assert not Delivery.objects.filter(operation="create", verified_at=None).exists()


def test_reading_back_costs_the_same_for_many_as_for_few(tmp_path: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One batch: one call for the accounts' groups, whoever they are, and as many questions to the database."""

    def cost() -> tuple[int, int, int]:
        captured = CaptureQueriesContext(connection)
        earlier = memberships_read()
        run = before_verify(company, monkeypatch, captured.__enter__)
        captured.__exit__(None, None, None)
        selects = [one["sql"] for one in captured.captured_queries if one["sql"].lstrip().startswith("SELECT")]
        return Delivery.objects.filter(cause=run.cause, state="delivered").count(), memberships_read() - earlier, len(selects)

    def memberships_read() -> int:
        return sum(one["note"].startswith("core_cohort_get_cohort_members") for one in company.box.requests("moodle"))

    with meridian(tmp_path, 100) as company:
        many, many_calls, many_selects = cost()
        for worker in list(company.hr.workers("workday"))[:40]:
            company.hr.rename("workday", worker.key, family="Nachtigall")
        few, few_calls, few_selects = cost()
    assert 3 < few * 2 < many <= BATCH
    assert (few_calls, few_selects) == (many_calls, many_selects) and few_calls == 1


@pytest.mark.usefixtures("installed")
def test_trouble_of_one_target_is_not_put_down_to_another_that_is_open_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Library, target: str, remote_ids: Sequence[str]) -> list[Record]:
        raise Unavailable("closed for the night")

    monkeypatch.setattr(Library, "read_back", fails)
    here, there = Connector.objects.get(key="lms"), Connector.objects.create(key="lms2", vendor="library", settings={"shelf": "lms2"})
    with pytest.raises(Unavailable) as caught, opened(here) as vendor, opened(there):
        _read(vendor, Batch(here, "users", [Delivery(remote_id="1", operation="update", values={})]))
    assert caught.value.connector == "lms"
