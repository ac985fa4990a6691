"""Who reports to whom: several lines, one manager for the learning system, managers who come later, and circles."""

from __future__ import annotations

from datetime import timedelta

from config.roles.masking import Sight
from identity.cases.models import Case
from identity.matching.decisions import LinkRecord
from identity.people.models import Link, Person
from integrations.outbound.models import Delivery
from syncjobs.explain.account import paragraph
from syncjobs.pages.person import situation, view_of
from syncjobs.schedules.models import RunMode
from tests.cast import LENA_VOGT, MARCO_ROSSI, NOOR_VAN_DEN_BERG
from tests.company import Company


def managers(company: Company) -> dict[int, int]:
    return {pk: manager for pk, manager in Person.objects.exclude(manager=None).values_list("pk", "manager_id") if manager}


def test_two_managers_in_two_organisations_are_both_kept_and_one_is_primary(company: Company) -> None:
    company.night("workday")
    marco = company.person(MARCO_ROSSI.employee_number)
    lines = list(marco.lines.all())
    assert len({line.manager_key for line in lines}) >= 2
    primary = marco.lines.get(is_primary=True)
    assert marco.manager_id == primary.manager_id and primary.why


def test_a_new_manager_reaches_everybody_concerned_in_one_run(company: Company) -> None:
    company.night("workday")
    noor = company.person(NOOR_VAN_DEN_BERG.employee_number)
    marco = company.person(MARCO_ROSSI.employee_number)
    company.hr.do("move", hr="workday", key=NOOR_VAN_DEN_BERG.key, manager_key=MARCO_ROSSI.key)
    company.run("workday")
    noor.refresh_from_db()
    assert noor.manager_id == marco.pk


def test_a_circle_at_the_source_takes_the_manager_from_those_in_it_only_and_gives_it_back(company: Company) -> None:
    company.night("workday")
    before = managers(company)
    company.box.faults.set("workday", manager_cycle=True)
    run = company.run("workday", RunMode.FULL)
    broken = managers(company)
    lost = set(before) - set(broken)
    assert run.phase == "succeeded" and len(lost) == 2, "the two in the circle, and nobody else"
    assert not [pk for pk, manager in broken.items() if broken.get(manager) == pk]
    for person in Person.objects.filter(pk__in=lost):
        told = set(person.lines.exclude(why="").values_list("why", flat=True))
        assert told == {"these people report to each other in a circle"}
        assert "No manager is primary: these people report to each other in a circle." in paragraph(situation(view_of(person, Sight(True))))
    company.box.faults.clear()
    company.night("workday")
    assert managers(company) == before


MANAGER_ROLE = 9  # a role that the emulated site lets our key assign


def managers_as_role(company: Company) -> None:
    academy = company.connector("academy")
    academy.settings = {**academy.settings, "managers": "role", "manager_role": MANAGER_ROLE}
    academy.save()


def led_in_moodle(company: Company, person: Person) -> set[str]:
    """The idnumbers of those who hold the role of the manager over this person, as the site itself has it."""
    account = company.account(person)
    assert account is not None
    rows = company.box.emulators["moodle"].store.rows(
        "SELECT idnumber AS who FROM role_assignments JOIN user ON id = userid WHERE contextlevel = 'user' AND instanceid = ?",
        account["id"],
    )
    return {row["who"] for row in rows}


def told(company: Company, person: Person) -> list[str]:
    return list(Delivery.objects.filter(subject_id=person.pk, operation="set_manager").order_by("pk").values_list("state", flat=True))


def test_a_manager_who_starts_next_week_holds_the_role_from_her_first_day(company: Company) -> None:
    managers_as_role(company)
    company.hr.do("move", hr="workday", key=NOOR_VAN_DEN_BERG.key, manager_key=LENA_VOGT.key)
    company.night("workday")
    noor, lena = company.known(NOOR_VAN_DEN_BERG.employee_number), company.person(LENA_VOGT.employee_number)
    account = Link.objects.get(person=noor, record__connector__key="academy", until=None)
    assert noor.manager_id == lena.pk and company.account(lena) is None
    assert told(company, noor)[-1] == "held" and led_in_moodle(company, noor) == set()
    assert not account.record.values.get("manager"), "nothing is called written that was not"
    assert lena.next_change_at is not None
    company.at(lena.next_change_at + timedelta(minutes=1))
    company.tick()
    assert company.account(lena) is not None
    assert led_in_moodle(company, noor) == {lena.public_id} and told(company, noor)[-1] == "delivered"
    account.record.refresh_from_db()
    assert account.record.values["manager"] == lena.public_id


def test_a_manager_who_is_told_to_be_an_account_that_was_there_holds_the_role_at_once(company: Company) -> None:
    managers_as_role(company)
    company.night("workday")
    case = Case.objects.filter(kind="already_there", state="open").first()
    assert case is not None, "the site had people of its own"
    boss = case.candidates.get().person
    noor = company.known(NOOR_VAN_DEN_BERG.employee_number)
    boss_key = boss.links.get(record__connector__key="workday").record.external_id
    company.hr.do("move", hr="workday", key=NOOR_VAN_DEN_BERG.key, manager_key=boss_key)
    company.run("workday")
    assert told(company, noor)[-1] == "held"
    LinkRecord(None, case, boss).execute("the same person")
    company.tick()
    assert told(company, noor)[-1] == "delivered" and led_in_moodle(company, noor) == {boss.public_id}


def test_somebody_else_as_manager_ends_the_wait_for_the_first(company: Company) -> None:
    managers_as_role(company)
    company.hr.do("move", hr="workday", key=NOOR_VAN_DEN_BERG.key, manager_key=LENA_VOGT.key)
    company.night("workday")
    noor, lena = company.known(NOOR_VAN_DEN_BERG.employee_number), company.person(LENA_VOGT.employee_number)
    marco = company.known(MARCO_ROSSI.employee_number)
    company.hr.do("move", hr="workday", key=NOOR_VAN_DEN_BERG.key, manager_key=MARCO_ROSSI.key)
    company.run("workday")
    assert "held" not in told(company, noor) and told(company, noor)[-1] == "delivered"
    assert led_in_moodle(company, noor) == {marco.public_id}
    assert lena.next_change_at is not None
    company.at(lena.next_change_at + timedelta(minutes=1))
    company.tick()
    assert led_in_moodle(company, noor) == {marco.public_id}, "what was decided last stays"
