"""How a history ends, as values that two histories can be compared by; and one day of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from config import clock
from config.audit.chain import verify
from identity.cases.models import Case
from identity.people.models import Link, Person, public_id
from integrations.outbound.models import Delivery
from syncjobs.ledger.verify import verify_ledger
from syncjobs.runs.models import RecordOutcome, SyncRun
from tests.company import Company

OUR_ID = re.compile(r"P-\d{6,}")
# Not "heard" and "same": a read that goes on after a kill may be told a unit a second time.
COUNTED = ("new", "staged", "cases", "parked", "gone", "chosen", "planned", "dead", "differ")
ROW_OWN = ("id", "timecreated", "timemodified")


def happen(company: Company) -> None:
    """What one day brings: hires, moves, titles, leavers."""
    ordinary = [one for one in company.hr.workers("workday") if one.kind == "employee" and one.employee_number > "20000"]
    for number in range(5):
        company.hr.do("hire", hr="workday", given=f"New{number}", family="Prado", hire_on=clock.today(), location_code="MAD")
    for place, one in enumerate(ordinary[:12]):
        company.hr.do("change_title", hr="workday", key=one.key, title=f"Auditor {place}")
    for one in [one for one in ordinary[12:40] if one.location_code != "BER"][:4]:
        company.hr.do("move", hr="workday", key=one.key, location_code="BER")
    for one in [one for one in ordinary[40:] if not one.termination_on][:3]:
        company.hr.do("terminate", hr="workday", key=one.key, last_day_on=clock.today(), termination_on=clock.today())


def snapshot(company: Company) -> dict[str, Any]:
    """The state in words that do not depend on row numbers or clocks."""
    number = {person.public_id: person.employee_number for person in Person.objects.all()}

    def named(value: Any) -> str:
        return OUR_ID.sub(lambda found: number.get(found[0], found[0]), json.dumps(value, sort_keys=True, default=str))

    accounts = [{key: value for key, value in one.items() if key not in ROW_OWN} for one in company.accounts()]
    users = {str(one["id"]): one["username"] for one in company.accounts()}
    links = Link.objects.filter(until=None).values_list("person_id", "record__connector__key", "record__external_id")
    cases = Case.objects.values_list("kind", "state", "record__connector__key", "record__external_id")
    deliveries = Delivery.objects.values_list("subject_id", "operation", "values", "state")
    return {
        "people": {
            person.employee_number: (person.standing, named(person.values), person.manager and person.manager.employee_number)
            for person in Person.objects.select_related("manager")
        },
        "links": sorted((named(public_id(person)), key, remote_name(users, key, remote)) for person, key, remote in links),
        "accounts": sorted(named(account) for account in accounts),
        "deliveries": Counter((named(public_id(person)), verb, named(values), state) for person, verb, values, state in deliveries),
        "cases": sorted((kind, state, remote_name(users, key, remote)) for kind, state, key, remote in cases),
        "runs": [(run.phase, {key: run.counts.get(key) for key in COUNTED}) for run in SyncRun.objects.order_by("pk")],
        "outcomes": Counter(RecordOutcome.objects.values_list("run__connector__key", "outcome")),
        "ledger": [finding.check for finding in verify_ledger()],
        "trail": verify().is_intact,
    }


def remote_name(users: dict[str, str], key: str, remote: str) -> str:
    """An account's own number depends on who was made first; its name does not."""
    return users.get(remote, "") if key == "academy" else remote
