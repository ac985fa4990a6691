"""The chart of a source: nested units made flat, and what does not fit told where somebody looks."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from config import clock
from identity.organisation.models import OrgUnit
from integrations.records.models import SourceRecord
from syncjobs.plans.units import write_units
from tests.rows import a_connector, staff

pytestmark = pytest.mark.django_db


def chart(**parents: str) -> dict[str, OrgUnit]:
    workday, now = a_connector(), clock.now()
    for key, parent in parents.items():
        values: dict[str, Any] = {"name": key.capitalize(), "parent": parent}
        known = {"payload": {}, "content_hash": "", "mapping_version": 1, "first_seen_at": now, "changed_at": now, "pending": True}
        SourceRecord.objects.update_or_create(connector=workday, stream="units", external_id=key, defaults={"values": values, **known})
    with transaction.atomic():
        write_units(workday)
    return {unit.external_id: unit for unit in OrgUnit.objects.all()}


def test_nested_units_are_made_flat_from_the_outermost_down_however_deep() -> None:
    units = chart(group="", europe="group", sales="europe", **{f"level{n}": f"level{n - 1}" if n else "sales" for n in range(30)})
    assert units["sales"].path == ["group", "europe", "sales"]
    assert units["level29"].path == ["group", "europe", "sales", *(f"level{n}" for n in range(30))]
    assert {unit.problem for unit in units.values()} == {""}


def test_a_unit_that_moves_takes_everything_below_it_along() -> None:
    chart(group="", europe="group", asia="group", sales="europe", field="sales")
    units = chart(sales="asia")
    assert units["field"].path == ["group", "asia", "sales", "field"]


def test_circles_and_missing_parents_are_reported_on_the_page_of_the_source_until_they_are_mended(client) -> None:
    units = chart(a="b", b="a", below="a", orphan="nowhere", fine="")
    assert {key: unit.problem for key, unit in units.items() if unit.problem} == {
        "a": "units contain each other in a circle",
        "b": "units contain each other in a circle",
        "orphan": "its parent is not in the source",
    }
    assert units["below"].path == ["a", "below"]
    client.force_login(staff("Integration engineer"))
    page = f"/admin/connectors/{a_connector().pk}/"
    body = client.get(page).content.decode()
    assert "Units that do not fit into the chart" in body and "Orphan" in body and "Fine" not in body
    chart(a="", orphan="a")
    assert "Units that do not fit" not in client.get(page).content.decode()
