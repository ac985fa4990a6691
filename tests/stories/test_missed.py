"""What reads of changes do not tell: a full read finds it, and the run says how much that was (D10)."""

from __future__ import annotations

from integrations.records.models import SourceRecord
from tests.cast import ANA_RUIZ
from tests.company import Company


def test_a_unit_that_moved_is_in_nobodys_log_and_the_full_read_counts_whom_it_concerns(company: Company) -> None:
    (first,) = company.night("workday")
    assert not first.counts.get("missed"), "nothing had been asked for by changes yet"
    units = list(company.hr.units())
    moved = next(unit for unit in units if unit.parent_key and not any(one.parent_key == unit.key for one in units))
    above = next(unit for unit in units if unit.level == 1 and unit.key not in (moved.key, moved.parent_key))
    company.later(hours=1)
    company.hr.move_unit(moved.key, above.key)
    company.later(hours=1)
    told = company.run("workday").counts
    versions = dict(SourceRecord.objects.filter(connector__key="workday", stream="workers").values_list("pk", "version"))
    company.later(hours=1)
    (run,) = company.night("workday")
    workers = SourceRecord.objects.filter(connector__key="workday", stream="workers")
    differ = sum(record.version != versions[record.pk] for record in workers)
    assert differ and run.counts["missed"] == differ, told


def test_what_the_log_tells_after_the_last_read_of_changes_was_not_missed(company: Company) -> None:
    company.night("workday")
    company.later(hours=1)
    company.run("workday")
    company.later(hours=1)
    company.hr.rename("workday", ANA_RUIZ.key, family="Ruiz-Alvarez")
    (run,) = company.night("workday")
    assert run.counts["missed"] == 0 and company.person(ANA_RUIZ.employee_number).values["family_name"] == "Ruiz-Alvarez"
