from __future__ import annotations

import json
from typing import Any

from integrations.vendors.base import Page, Window
from integrations.vendors.workday import units
from integrations.vendors.workday.units import Chart
from tests.integrations.vendors.workday.recorded import connect

READ = ("server_timestamp.xml", "workers__page_1_of_2.xml", "workers__page_2_of_2.xml")


def told() -> list[Page]:
    return list(connect(*READ)[0].fetch("units", Window()))


def by_reference(pages: list[Page]) -> dict[str, dict[str, Any]]:
    return {record.payload["reference_id"]: record.payload for page in pages for record in page.records}


def test_the_chart_is_put_together_from_the_chains_of_everybody() -> None:
    found = by_reference(told())
    assert set(found) == {"SUP_TOP", "SUP_OPS", "SUP_CHAIN", "SUP_BUYING", "SUP_SAFETY", "MTX_ROOT", "MTX_GREEN"}
    assert found["SUP_BUYING"]["parent"] == found["SUP_CHAIN"]["id"]
    assert found["SUP_SAFETY"]["parent"] == found["SUP_TOP"]["id"]
    assert found["SUP_TOP"]["parent"] is None and found["MTX_GREEN"]["parent"] is None
    assert found["SUP_OPS"]["manager"] == "11111111111111111111111111111102"
    assert found["SUP_BUYING"]["manager"] is None


def test_a_name_comes_from_a_membership_before_it_comes_from_a_descriptor() -> None:
    found = by_reference(told())
    assert found["SUP_BUYING"]["name"] == "Buying Iberia" and found["SUP_BUYING"]["code"] == "BUY"
    assert found["SUP_CHAIN"]["name"] == "Supply Chain (Nia Okoro)"  # nobody sits there directly, so no better name is known


def test_a_parent_is_told_before_its_units() -> None:
    order = [record.external_id for page in told() for record in page.records]
    for page in told():
        for record in page.records:
            parent = record.payload["parent"]
            assert parent is None or order.index(parent) < order.index(record.external_id)


def test_the_last_page_of_units_needs_the_last_page_of_workers() -> None:
    pages = told()
    assert pages[-1].is_last and pages[-1].total == 7 and pages[-1].mark is not None


def test_a_chart_resumes_where_its_telling_stopped(monkeypatch: Any) -> None:
    monkeypatch.setattr(units, "PAGE", 3)
    pages = told()
    assert [len(page.records) for page in pages] == [3, 3, 1] and [page.is_last for page in pages] == [False, False, True]
    cursor = json.loads(json.dumps(pages[0].cursor))
    rest = list(connect(*READ[1:])[0].fetch("units", Window(), cursor))
    assert [record.external_id for page in rest for record in page.records] == [
        record.external_id for page in pages[1:] for record in page.records
    ]


def test_single_units_can_be_asked_for() -> None:
    wanted = "0b00000000000000000000000000d0d1"
    pages = list(connect(*READ)[0].fetch("units", Window(ids=(wanted,))))
    assert [record.external_id for page in pages for record in page.records] == [wanted]


def test_a_company_without_organisations_is_one_empty_last_page() -> None:
    pages = list(connect("server_timestamp.xml", "workers__none.xml")[0].fetch("units", Window()))
    assert [(page.records, page.is_last) for page in pages] == [([], True)]


def test_the_longest_path_to_a_unit_is_its_place() -> None:
    chart = Chart()
    chart.add({"organizations": [{"type": "SUPERVISORY", "id": "b", "reference_id": "B", "name": "Buying", "code": None}]})
    chart.add({"supervisory_chain": [{"organization": key, "reference_id": None, "label": key, "managers": []} for key in "ab"]})
    assert [(unit["id"], unit["path"]) for unit in chart.ordered()] == [("a", ["a"]), ("b", ["a", "b"])]
