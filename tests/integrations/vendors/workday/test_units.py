from __future__ import annotations

import json
from typing import Any

from integrations.vendors.base import Page, Record, Window
from integrations.vendors.workday import units
from tests.integrations.vendors.workday.recorded import connect

READ = ("server_timestamp.xml", "workers__page_1_of_2.xml", "workers__page_2_of_2.xml", "workers__none.xml")


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
    assert (found["SUP_CHAIN"]["name"], found["MTX_GREEN"]["type"]) == ("Supply Chain", "MATRIX")


def test_a_parent_is_told_before_its_units() -> None:
    order = [record.external_id for page in told() for record in page.records]
    for page in told():
        for record in page.records:
            parent = record.payload["parent"]
            assert parent is None or order.index(parent) < order.index(record.external_id)


def test_a_unit_is_told_once() -> None:
    order = [record.external_id for page in told() for record in page.records]
    assert len(order) == len(set(order)) == 7


def test_the_last_page_of_units_is_the_last_page_of_workers() -> None:
    pages = told()
    assert [page.is_last for page in pages] == [False, False, True] and pages[-1].mark is not None
    assert all(page.total is None for page in pages)


def test_a_read_that_goes_on_tells_units_in_the_same_words() -> None:
    pages = told()
    cursor = json.loads(json.dumps(pages[0].cursor))
    rest = list(connect(*READ[2:])[0].fetch("units", Window(), cursor))
    assert rest[-1].is_last
    whole = by_reference(pages)
    assert all(payload == whole[key] for key, payload in by_reference(rest).items())


def test_single_units_can_be_asked_for() -> None:
    wanted = "0b00000000000000000000000000d0d1"
    pages = list(connect(*READ)[0].fetch("units", Window(ids=(wanted,))))
    assert [record.external_id for page in pages for record in page.records] == [wanted]


def test_a_company_without_organisations_has_a_last_page_too() -> None:
    pages = list(connect("server_timestamp.xml", "workers__none.xml", "workers__none.xml")[0].fetch("units", Window()))
    assert [(page.records, page.is_last) for page in pages] == [([], False), ([], True)]


def test_a_manager_is_learned_from_whoever_tells_one() -> None:
    def worker(*managers: str) -> Record:
        chain = [{"organization": "top", "reference_id": "TOP", "name": "Top", "managers": list(managers)}]
        return Record("w", {"supervisory_chain": chain})

    assert units.read(Page([worker(), worker("iris")]))["top"]["manager"] == "iris"


def test_a_chain_that_runs_in_a_circle_is_walked_once() -> None:
    chain = [{"organization": key, "reference_id": None, "name": key, "managers": []} for key in ("a", "b", "a")]
    found = units.read(Page([Record("w", {"supervisory_chain": chain})]))
    assert {key: unit["path"] for key, unit in found.items()} == {"a": ["a"], "b": ["a", "b"]}
