"""Who reports to whom: several lines, one manager for the learning system, managers who come later, and circles."""

from __future__ import annotations

from config.roles.masking import Sight
from identity.people.models import Person
from syncjobs.explain.account import paragraph
from syncjobs.pages.person import situation, view_of
from syncjobs.schedules.models import RunMode
from tests.cast import MARCO_ROSSI, NOOR_VAN_DEN_BERG
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
