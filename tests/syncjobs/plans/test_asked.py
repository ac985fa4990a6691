"""Remove values that Rollcall set, and never what somebody else set; see what is only suggested, and take it over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.audit.cause import because
from config.audit.models import AuditEntry
from config.errors import PlanStale
from config.roles.scopes import ScopedQuerySet
from config.sentences import english
from identity.people.models import Person
from integrations.connectors.models import Connector
from integrations.mapping.install import install_rows
from integrations.mapping.versions import no_longer_filled
from integrations.vendors.base import MappingRow
from syncjobs.guards.decisions import ApprovePlan, RefusePlan
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pipeline.drive import drive
from syncjobs.plans.asked import holding, set_by_us
from syncjobs.plans.decisions import RemoveValues, TakeSuggestion
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.models import SyncRun
from tests.builders import Book, Library, Roster, Shelf, sync, worker
from tests.company import MORNING, later, set_clock
from tests.contracts.decision import DecisionContract
from tests.rows import staff

NEEDED = Library.default_mapping["users"]
CITY = MappingRow("city", "location")
PAGE = "/admin/mappings/lms/users/remove/city/"


def put_in_force(*rows: MappingRow, connector: str = "lms", stream: str = "users") -> None:
    with transaction.atomic():
        install_rows(Connector.objects.get(key=connector), stream, rows, None, because("setting", "rows"))


def lms() -> Connector:
    return Connector.objects.get(key="lms")


@pytest.fixture
def five_cities_and_no_row(installed: None) -> None:
    """Five accounts whose city Rollcall filled; then the row goes."""
    set_clock(MORNING + timedelta(minutes=1))
    put_in_force(*NEEDED, CITY)
    for number in range(1, 6):
        Book.of("hr").write(str(number), **worker(number))
    sync()
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 1000, "share": 1, "most": 1000}})
    later(minutes=1)
    put_in_force(*NEEDED)
    sync()


def account(number: int) -> dict[str, Any]:
    return next(one for one in Shelf.of("lms").accounts.values() if one["username"] == f"person{number}@meridian.example")


def cities() -> list[str]:
    return [account(number).get("city") or "" for number in range(1, 6)]


def potsdam_is_read_back() -> None:
    """Somebody changes a city by hand while a row still looks after it; it is read back; then the row goes again."""
    later(minutes=1)
    put_in_force(*NEEDED, MappingRow("city", "location", strength="fill_if_empty"))
    account(2)["city"] = "Potsdam"
    Book.of("hr").write("2", family_name="Newname")
    sync()
    later(minutes=1)
    put_in_force(*NEEDED)


def remove() -> SyncRun:
    """Somebody asks, and the run it starts is worked on."""
    decision = RemoveValues(None, lms(), "city")
    decision.execute("the field is used for something else now")
    (run,) = decision.started
    return drive(run, patience_seconds=30)


@pytest.mark.usefixtures("five_cities_and_no_row")
class TestRemoval:
    def test_a_row_that_goes_leaves_its_values_there(self) -> None:
        assert cities() == ["Berlin"] * 5
        assert no_longer_filled(lms(), "users") == ["city"]

    def test_what_rollcall_set_is_emptied_by_a_plan_with_a_reason(self) -> None:
        run = remove()
        assert run.phase == "succeeded" and cities() == [""] * 5
        changes = PlannedChange.objects.filter(plan__run=run)
        assert {(one.kind, one.reason_code, one.before["city"], one.after["city"]) for one in changes} == {
            ("update", "emptied:city", "Berlin", None)
        }
        assert english(changes[0].reason) == "emptied, because somebody asked for it; Rollcall had set it: location"
        assert run.cause.reason == "the field is used for something else now"
        assert AuditEntry.objects.filter(action="connector.remove_values", object_id="lms").count() == 1
        assert verify_ledger() == []

    def test_what_somebody_else_wrote_there_stays(self) -> None:
        account(2)["city"] = "Potsdam"  # by hand, and nobody has read it back yet
        account(3)["city"] = ""
        run = remove()
        assert cities() == ["", "Potsdam", "", "", ""]
        assert PlannedChange.objects.filter(plan__run=run).count() == 3
        assert RemoveValues(None, lms(), "city").preview().counts == {"people": 0}

    def test_what_is_known_to_be_somebody_elses_is_not_counted(self) -> None:
        potsdam_is_read_back()
        assert set_by_us(lms(), "city").count() == 4 and holding(lms(), "city").count() == 5
        told = [english(one) for one in RemoveValues(None, lms(), "city").preview().sentences]
        assert told[0] == "In LMS location is emptied for 4 people, where it holds what Rollcall wrote."
        assert told[1] == "1 account holds something that somebody else wrote there; it stays."

    def test_a_leavers_closed_account_stays_as_it_is(self) -> None:
        Book.of("hr").write("5", termination_on="2026-06-01", status="terminated")
        sync()
        remove()
        assert cities() == ["", "", "", "", "Berlin"] and account(5)["suspended"] is True

    def test_many_are_held_by_the_guard_and_nothing_happens_without_approval(self) -> None:
        Connector.objects.filter(key="lms").update(guard={"all": {"people": 3, "share": 0.1, "most": 200}})
        run = remove()
        assert run.phase == "held" and cities() == ["Berlin"] * 5
        RefusePlan(None, run).execute("not now")
        sync()
        assert cities() == ["Berlin"] * 5, "no later run does what was refused"
        run = remove()
        ApprovePlan(None, run).execute("yes")
        drive(run, patience_seconds=30)
        assert cities() == [""] * 5

    def test_a_second_time_there_is_nothing_to_do(self) -> None:
        remove()
        with pytest.raises(PlanStale):
            RemoveValues(None, lms(), "city").execute("again")

    def test_a_row_that_came_back_meanwhile_wins(self) -> None:
        decision = RemoveValues(None, lms(), "city")
        decision.execute("away with it")
        later(minutes=1)
        put_in_force(*NEEDED, CITY)
        drive(decision.started[0], patience_seconds=30)
        assert cities() == ["Berlin"] * 5

    def test_a_row_that_only_suggests_or_is_never_written_counts_as_gone(self) -> None:
        later(minutes=1)
        put_in_force(*NEEDED, MappingRow("city", "location", strength="suggest"))
        assert no_longer_filled(lms(), "users") == ["city"]
        account(2)["city"] = "Potsdam"
        remove()
        assert cities() == ["", "Potsdam", "", "", ""], "what it suggests is not written by the way"
        later(minutes=1)
        put_in_force(*NEEDED, MappingRow("city", "location", direction="never"))
        assert no_longer_filled(lms(), "users") == ["city"]

    def test_the_mapping_leads_to_the_page_and_the_page_to_the_run(self, client: Client) -> None:
        client.force_login(staff())
        potsdam_is_read_back()
        assert f'href="{PAGE}"' in client.get("/admin/mappings/lms/users/").content.decode()
        body = client.get(PAGE).content.decode()
        assert (
            "Remove values Rollcall set: LMS, city" in body
            and "is emptied for 4 people" in body
            and "Given1 Family1" in body
            and "Potsdam" in body
        )
        before = SyncRun.objects.count()
        answer = client.post(PAGE, {"reason": ""})
        assert answer.status_code == 400 and SyncRun.objects.count() == before
        answer = client.post(PAGE, {"reason": "used for something else"})
        run = SyncRun.objects.latest("pk")
        assert answer.status_code == 302 and answer["Location"] == f"/admin/runs/{run.pk}/"
        assert client.get("/admin/mappings/lms/users/remove/lastname/").status_code == 404, "a row fills it"
        assert client.get("/admin/mappings/lms/users/remove/nonsense/").status_code == 404

    def test_an_auditor_may_look_and_not_press(self, client: Client) -> None:
        client.force_login(staff("Auditor"))
        assert client.post(PAGE, {"reason": "x"}).status_code == 403
        assert 'id="left-behind"' not in client.get("/admin/mappings/lms/users/").content.decode()

    def test_names_and_values_are_masked_for_engineers(self, client: Client) -> None:
        client.force_login(staff("Integration engineer"))
        body = client.get(PAGE).content.decode()
        assert "Given1" not in body and "P-0" not in body and "Berlin" in body, "a location is nothing personal"

    def test_who_sees_only_some_people_sees_and_removes_only_theirs(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        theirs = Person.objects.get(employee_number="00002")

        class OwnPeople(ScopedQuerySet[Person]):
            def within(self, user: object) -> ScopedQuerySet[Person]:
                return self.filter(pk=theirs.pk)

        monkeypatch.setattr(Person.objects, "_queryset_class", OwnPeople)
        client.force_login(staff())
        body = client.get(PAGE).content.decode()
        assert "is emptied for 1 person," in body and "Given2" in body and "Given1" not in body and "Given3" not in body
        client.post(PAGE, {"reason": "used for something else"})
        run = SyncRun.objects.latest("pk")
        assert run.scope["people"] == [theirs.pk]

    def test_what_others_wrote_is_shown_only_of_people_in_sight(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        potsdam_is_read_back()

        class OwnPeople(ScopedQuerySet[Person]):
            def within(self, user: object) -> ScopedQuerySet[Person]:
                return self.exclude(employee_number="00002")

        monkeypatch.setattr(Person.objects, "_queryset_class", OwnPeople)
        client.force_login(staff())
        body = client.get(PAGE).content.decode()
        assert "Potsdam" not in body and "somebody else wrote there; it stays" not in body and "is emptied for 4 people" in body

    def test_who_may_not_see_people_is_shown_none(self, client: Client) -> None:
        reader = staff("Partner manager")
        reader.user_permissions.add(Permission.objects.get(codename="view_mappingversion"))
        client.force_login(reader)
        body = client.get(PAGE).content.decode()
        assert "Given" not in body and "P-0" not in body and "/admin/people/" not in body

    def test_two_hundred_cost_as_many_queries_as_five(self) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as asked:
                RemoveValues(None, lms(), "city").preview()
            return len(asked)

        few = cost()
        put_in_force(*NEEDED, CITY)
        for number in range(10, 210):
            Book.of("hr").write(str(number), **worker(number))
        sync()
        assert RemoveValues(None, lms(), "city").preview().counts["people"] == 205 and cost() == few == 3


class TestRemoveValues(DecisionContract):
    @pytest.fixture
    def decision(self, entitled: Any, five_cities_and_no_row: None) -> RemoveValues:
        return RemoveValues(entitled, lms(), "city")


# ── suggestions ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def one_suggestion(installed: None) -> Person:
    """An account with a city that nobody writes: the mapping only suggests it."""
    set_clock(MORNING + timedelta(minutes=1))
    put_in_force(*NEEDED, CITY)
    Book.of("hr").write("1", **worker(1))
    sync()
    later(minutes=1)
    put_in_force(*NEEDED, MappingRow("city", "location", strength="suggest"))
    Book.of("hr").write("1", location="Munich")
    sync()
    return Person.objects.get()


def test_what_a_target_row_suggests_stands_beside_the_account_and_is_written_only_when_taken_over(
    one_suggestion: Person, client: Client
) -> None:
    assert account(1)["city"] == "Berlin"
    client.force_login(staff())
    body = client.get(f"/admin/people/{one_suggestion.pk}/").content.decode()
    assert "location: the mapping suggests Munich, Berlin is there" in body
    there = f"/admin/people/{one_suggestion.pk}/suggestions/lms/city/"
    assert there in body and "becomes what the mapping suggests" in client.get(there).content.decode()
    answer = client.post(there)
    run = SyncRun.objects.latest("pk")
    assert answer["Location"] == f"/admin/runs/{run.pk}/"
    drive(run, patience_seconds=30)
    assert account(1)["city"] == "Munich"
    assert english(PlannedChange.objects.get(plan__run=run).reason) == "suggestion taken over: location"
    assert "the mapping suggests" not in client.get(f"/admin/people/{one_suggestion.pk}/").content.decode()
    assert client.get(there).status_code == 404
    Book.of("hr").write("1", location="Vienna")
    sync()
    assert account(1)["city"] == "Munich", "the row goes on suggesting"


def test_who_may_not_start_runs_sees_the_suggestion_and_no_button(one_suggestion: Person, client: Client) -> None:
    client.force_login(staff("Auditor"))
    body = client.get(f"/admin/people/{one_suggestion.pk}/").content.decode()
    assert "the mapping suggests Munich" in body and "take it over" not in body
    assert client.get(f"/admin/people/{one_suggestion.pk}/suggestions/lms/city/").status_code == 403


class TestTakeSuggestion(DecisionContract):
    @pytest.fixture
    def decision(self, entitled: Any, one_suggestion: Person) -> TakeSuggestion:
        return TakeSuggestion(entitled, lms(), "city", one_suggestion)


def test_what_a_source_only_suggests_is_told_as_such_also_where_nothing_is_known(two_sources: None, client: Client) -> None:
    rows = [
        MappingRow(**{**vars(row), "strength": "suggest"}) if row.target in ("job_title", "department") else row
        for row in Roster.default_mapping["people"]
    ]
    put_in_force(*rows, connector="it", stream="people")
    Book.of("hr").write("1", **worker(1, department=None))
    Book.of("it").write("a", **worker(1, job_title="Senior Analyst", department="Digital", location="Potsdam"))
    sync("hr")
    sync("it")
    person = Person.objects.get()
    assert person.job_title == "Analyst" and "department" not in person.values
    client.force_login(staff())
    body = client.get(f"/admin/people/{person.pk}/").content.decode()
    assert "IT suggests: Senior Analyst" in body and "IT suggests: Digital" in body
    assert "IT: Potsdam" in body, "a value that counts and did not win is no suggestion"
