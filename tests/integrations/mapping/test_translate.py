"""A record through a mapping: policies, look-ups, types, problems; and the trace that shows the same to people."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import MappingInvalid, RollcallError, ValueInvalid, ValueMissing, ValueTooLarge, ValueUnmapped
from integrations.canonical import ATTRIBUTES
from integrations.mapping.shapes import LEARNER, OUTWARDS, UNIT, WORKER, shape_of
from integrations.mapping.trace import trace
from integrations.mapping.transforms import TRANSFORMS
from integrations.mapping.translate import Mapping, Translated, compile_mapping
from integrations.mapping.value_maps import Table, ValueMaps, fold
from integrations.vendors.bamboohr.fields import MAPPING as BAMBOOHR
from integrations.vendors.base import MappingRow as Row
from integrations.vendors.csv_file.columns import MAPPING as CSV_FILE
from integrations.vendors.moodle.fields import MAPPING as MOODLE
from integrations.vendors.workday.mapping import UNITS, WORKERS
from tests.integrations.mapping.probe import PEOPLE, RECORD

TODAY = date(2026, 11, 23)


def maps() -> ValueMaps:
    table = Table("locations")
    table.add(fold("BER-01"), "Berlin")
    return ValueMaps([table])


def said(rows: list[Row], payload: dict[str, Any], previous: dict[str, Any] | None = None, on: date = TODAY) -> Translated:
    return compile_mapping(rows, WORKER).translate(payload, maps(), on, previous)


def test_a_time_zone_stays_and_the_place_beside_it_is_looked_up() -> None:
    rows = [Row("time_zone", "zone || site", ("time_zone:locations",))]
    assert said(rows, {"zone": "europe/berlin", "site": "Paris"}).values == {"time_zone": "Europe/Berlin"}
    unknown = said(rows, {"zone": "", "site": "XYZ-9"}, {"time_zone": "Asia/Tokyo"})
    assert unknown.values == {"time_zone": "Asia/Tokyo"} and unknown.problems == [], "nobody waits for it"
    assert unknown.unmapped == [("locations", "XYZ-9")]


def test_compliance_flags_come_from_any_field_and_go_into_a_profile_field() -> None:
    """R21."""
    held = said(
        [Row("compliance_flags", "custom.mustDo", ("split:;",), null_policy="clear")], {"custom": {"mustDo": "Forklift; GDPR"}}
    ).values
    assert held == {"compliance_flags": ["Forklift", "GDPR"]}
    row = Row("profile_field_compliance", "compliance_flags", ("join:, ",), null_policy="clear")
    out = compile_mapping([row], shape_of("moodle", "users"))
    assert out.translate(held, maps(), TODAY, {}).values == {"profile_field_compliance": "Forklift, GDPR"}


def test_a_record_is_translated_into_our_words() -> None:
    translated = said(list(PEOPLE), RECORD)
    assert translated.values == {
        "employee_number": "42",
        "given_name": "Jane",
        "family_name": "Doe",
        "work_email": "jane.doe@meridian.example",
        "location": "Berlin",
        "termination_on": None,
    }
    assert translated.problems == []
    assert translated.unmapped == []


def test_the_31st_of_february_is_named_and_the_old_date_stays() -> None:
    translated = said([Row("hire_on", "hired", ("date",))], {"hired": "2026-02-31"}, {"hire_on": "2026-02-28"})
    [problem] = translated.problems
    assert isinstance(problem, ValueInvalid)
    assert problem.field == "hire_on"
    assert "Hire date" in problem.detail and "2026-02-31" in problem.detail
    assert translated.values == {"hire_on": "2026-02-28"}


def test_an_unknown_code_is_reported_and_the_old_value_stays() -> None:
    translated = said([Row("location", "site", ("lookup:locations",))], {"site": " XYZ-9 "}, {"location": "Hamburg"})
    assert translated.values == {"location": "Hamburg"}
    assert translated.unmapped == [("locations", "XYZ-9")]
    assert translated.problems == []


def test_an_unknown_code_of_somebody_new_leaves_the_attribute_open() -> None:
    assert said([Row("location", "site", ("lookup:locations",))], {"site": "XYZ-9"}).values == {}


def test_an_unknown_code_parks_the_record_when_the_attribute_is_required() -> None:
    translated = said([Row("location", "site", ("lookup:locations",), required=True)], {"site": "XYZ-9"}, {"location": "Hamburg"})
    [problem] = translated.problems
    assert isinstance(problem, ValueUnmapped)
    assert problem.field == "location"
    assert translated.values == {"location": "Hamburg"}
    assert translated.unmapped == [("locations", "XYZ-9")]


def test_what_follows_a_look_up_does_not_hide_an_unknown_code() -> None:
    translated = said([Row("location", "site", ("lookup:locations", "default:Elsewhere"))], {"site": "XYZ-9"})
    assert translated.unmapped and translated.values == {}


def test_codes_of_a_list_are_looked_up_one_by_one() -> None:
    rows = [Row("unit_path", "sites", ("lookup:locations",))]
    assert said(rows, {"sites": ["BER-01", None, "ber-01"]}).values == {"unit_path": ["Berlin", "Berlin"]}
    assert said(rows, {"sites": ["BER-01", "NO-1"]}).unmapped == [("locations", "NO-1")]


def test_a_value_map_that_is_gone_is_a_mistake_in_the_mapping_and_named() -> None:
    translated = said([Row("location", "site", ("lookup:cities",))], {"site": "BER-01"})
    [problem] = translated.problems
    assert isinstance(problem, MappingInvalid)
    assert "cities" in problem.detail


@pytest.mark.parametrize(
    ("policy", "previous", "values", "problems"),
    [
        ("keep", {"phone": "1"}, {"phone": "1"}, 0),
        ("keep", {}, {}, 0),
        ("clear", {"phone": "1"}, {"phone": None}, 0),
        ("clear", {}, {"phone": None}, 0),
        ("reject", {"phone": "1"}, {"phone": "1"}, 1),
        ("reject", {}, {}, 1),
    ],
)
@pytest.mark.parametrize("empty", [None, "", "  ", [], {}])
def test_an_empty_value_follows_the_policy(
    policy: str, previous: dict[str, str], values: dict[str, Any], problems: int, empty: Any
) -> None:
    translated = said([Row("phone", "tel", null_policy=policy)], {"tel": empty}, previous)
    assert translated.values == values
    assert [type(problem) for problem in translated.problems] == [ValueMissing] * problems


def test_a_required_value_that_is_empty_is_reported_whatever_the_policy() -> None:
    for policy in ("keep", "clear", "reject"):
        translated = said([Row("phone", "tel", required=True, null_policy=policy)], {}, {"phone": "1"})
        assert [type(problem) for problem in translated.problems] == [ValueMissing]
        assert translated.values == {"phone": "1"}


def test_a_row_whose_condition_does_not_hold_leaves_or_clears_and_never_rejects() -> None:
    payload = {"left": "2026-11-30", "state": "active"}
    row = {"target": "termination_on", "source": "left", "transforms": ("date",), "condition": 'row.state == "leaver"'}
    assert said([Row(**row, null_policy="keep")], payload, {"termination_on": "2026-01-01"}).values == {"termination_on": "2026-01-01"}
    assert said([Row(**row, null_policy="clear")], payload, {"termination_on": "2026-01-01"}).values == {"termination_on": None}
    assert said([Row(**row, null_policy="reject", required=True)], payload).problems == []
    assert said([Row(**row)], {**payload, "state": "leaver"}).values == {"termination_on": "2026-11-30"}


def test_a_condition_that_cannot_be_worked_out_parks_the_record_and_says_why() -> None:
    translated = said([Row("phone", "tel", condition="row.level > 3")], {"tel": "1", "level": "high"})
    [problem] = translated.problems
    assert "row.level > 3" in problem.detail
    assert problem.field == "phone"


@pytest.mark.parametrize(
    ("target", "value", "result"),
    [
        ("job_title", " Analyst ", "Analyst"),
        ("job_title", 7, "7"),
        ("job_title", "Ana\x00lyst", "Analyst"),
        ("employee_number", 1001.0, "1001"),
        ("work_email", "J@Meridian.example", "j@meridian.example"),
        ("hire_on", "2026-02-28T10:00:00Z", "2026-02-28"),
        ("on_leave", "no", False),
        ("on_leave", False, False),
        ("country", "Germany", "DE"),
        ("language", "en_us", "en-US"),
        ("language", "zh-Hant-TW", "zh-Hant-TW"),
        ("time_zone", "europe/berlin", "Europe/Berlin"),
        ("unit_path", "Sales", ["Sales"]),
        ("unit_path", ["Group", "", " Sales "], ["Group", "Sales"]),
        ("manager_lines", [{"type": "Matrix", "manager": 12, "unit": None}], [{"type": "matrix", "manager": "12"}]),
        ("manager_lines", [{"type": "dotted", "manager": "w1"}, {"type": "primary"}], [{"type": "other", "manager": "w1"}]),
    ],
)
def test_values_take_the_form_of_their_attribute(target: str, value: Any, result: Any) -> None:
    translated = said([Row(target, "x")], {"x": value})
    assert translated.problems == []
    assert translated.values == {target: result}


@pytest.mark.parametrize(
    ("target", "value", "error"),
    [
        ("job_title", "x" * 501, ValueTooLarge),
        ("job_title", "x" * 2_000_000, ValueTooLarge),
        ("job_title", ["a"], ValueInvalid),
        ("job_title", {"a": 1}, ValueInvalid),
        ("work_email", "nobody", ValueInvalid),
        ("work_email", "a" * 250 + "@meridian.example", ValueTooLarge),
        ("hire_on", "soon", ValueInvalid),
        ("on_leave", "perhaps", ValueInvalid),
        ("country", "Atlantis", ValueInvalid),
        ("language", "Klingon!", ValueInvalid),
        ("time_zone", "Mars/Olympus", ValueInvalid),
        ("unit_path", ["x"] * 1001, ValueTooLarge),
        ("unit_path", [["x"]], ValueInvalid),
        ("manager_lines", "somebody", ValueInvalid),
        ("manager_lines", ["w1"], ValueInvalid),
        ("manager_lines", [{"manager": "x" * 201}], ValueTooLarge),
    ],
)
def test_values_of_the_wrong_kind_or_size_are_reported_with_their_attribute(target: str, value: Any, error: type[RollcallError]) -> None:
    translated = said([Row(target, "x")], {"x": value})
    [problem] = translated.problems
    assert type(problem) is error
    assert problem.field == target
    assert len(problem.detail) < 400
    assert translated.values == {}


def test_a_huge_value_stops_its_own_row_only() -> None:
    translated = said([Row("job_title", "x", ("trim",)), Row("phone", "tel")], {"x": "y" * 1_000_001, "tel": "1"})
    assert translated.values == {"phone": "1"}
    assert [problem.field for problem in translated.problems] == ["job_title"]


def test_an_address_is_made_for_a_file_without_any() -> None:
    rows = [Row("work_email", "[first, last]", ("email_local", "suffix:@meridian.example", "email"))]
    assert said(rows, {"first": "Renée", "last": "O'Hara van Dyk"}).values == {"work_email": "renee.ohara.van.dyk@meridian.example"}
    assert said(rows, {"first": "Cher", "last": None}).values == {"work_email": "cher@meridian.example"}
    assert said(rows, {"first": None, "last": ""}).values == {}


def test_outwards_the_same_rows_fill_the_fields_of_a_target() -> None:
    rows = [
        Row("firstname", "preferred_name || given_name"),
        Row("idnumber", "employee_number", ("prefix:EMP-",)),
        Row("suspended", "on_leave"),
        Row("customfields", "[{type: 'unit', value: department}]"),
        Row("city", "location", null_policy="clear"),
    ]
    mapping = compile_mapping(rows, OUTWARDS)
    translated = mapping.translate(
        {"given_name": "Jane", "employee_number": "42", "on_leave": False, "department": "IT"}, ValueMaps(), TODAY
    )
    assert translated.values == {
        "firstname": "Jane",
        "idnumber": "EMP-42",
        "suspended": False,
        "customfields": [{"type": "unit", "value": "IT"}],
        "city": None,
    }


def test_the_strengths_roots_and_look_ups_are_known() -> None:
    mapping = compile_mapping([Row("phone", "tel", strength="suggest", condition="row.kind"), *PEOPLE], WORKER, 7)
    assert mapping.number == 7
    assert mapping.strengths["phone"] == "suggest"
    assert mapping.strengths["location"] == "always"
    assert {"tel", "kind", "site", "left"} <= mapping.roots
    assert mapping.lookups == {"locations"}


@pytest.mark.parametrize(
    "row",
    [
        Row("shoe_size", "x"),
        Row("phone", ""),
        Row("phone", "a..b"),
        Row("phone", "x", ("nonsense",)),
        Row("phone", "x", null_policy="forget"),
        Row("phone", "x", strength="forcefully"),
        Row("phone", "x", condition="value.upper()"),
    ],
)
def test_a_row_that_cannot_be_understood_is_named(row: Row) -> None:
    with pytest.raises(MappingInvalid) as refused:
        compile_mapping([row], WORKER)
    assert refused.value.field == row.target


def test_two_rows_may_not_fill_the_same_attribute() -> None:
    with pytest.raises(MappingInvalid, match="two rows"):
        compile_mapping([Row("phone", "a"), Row("phone", "b")], WORKER)


def test_the_default_mappings_of_the_vendors_can_be_compiled() -> None:
    assert len(compile_mapping(WORKERS, WORKER).rows) == len(WORKERS)
    assert len(compile_mapping(UNITS, UNIT).rows) == len(UNITS)
    assert len(compile_mapping(BAMBOOHR, WORKER).rows) == len(BAMBOOHR)
    assert len(compile_mapping(MOODLE, shape_of("moodle", "users")).rows) == len(MOODLE)
    assert shape_of("moodle", "users").is_out
    assert len(compile_mapping(CSV_FILE, WORKER).rows) == len(CSV_FILE)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["BER-01", "2026-02-31", "2026-02-28", "a@b.example"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("ab"), inner, max_size=3),
    max_leaves=8,
)
SPECS = st.lists(st.sampled_from([transform.sample for transform in TRANSFORMS.values()]), max_size=4).map(tuple)
ROW = st.builds(
    Row,
    target=st.sampled_from([attribute.key for attribute in ATTRIBUTES]),
    source=st.sampled_from(["a", "b", "a.b", "a || b", "a[0]", "a[].b", "join('-', a)", "[a, b]"]),
    transforms=SPECS,
    required=st.booleans(),
    null_policy=st.sampled_from(["keep", "clear", "reject"]),
    condition=st.sampled_from(["", "value != 'x'", "row.a == row.b", "row.a > 2"]),
)
MAPPINGS = st.lists(ROW, max_size=4, unique_by=lambda row: row.target)
RECORDS = st.dictionaries(st.sampled_from("ab"), JSON, max_size=2)


@settings(max_examples=400, deadline=None)
@given(MAPPINGS, RECORDS, st.dictionaries(st.sampled_from([attribute.key for attribute in ATTRIBUTES]), st.text(max_size=3), max_size=3))
def test_translating_raises_nothing_and_the_trace_says_the_same(rows: list[Row], payload: dict[str, Any], previous: dict[str, Any]) -> None:
    shape = LEARNER
    mapping: Mapping = compile_mapping(rows, shape)
    translated = mapping.translate(payload, maps(), TODAY, previous)
    assert all(isinstance(problem, RollcallError) and problem.code and problem.field for problem in translated.problems)
    assert translated.values.keys() <= {row.target for row in rows}
    shown = trace(mapping, payload, maps(), TODAY, previous)
    assert [row.target for row in shown] == [row.target for row in rows]
    assert {row.target: row.result for row in shown if row.result is not None} == {
        key: value for key, value in translated.values.items() if value is not None
    }
    assert sum(row.state == "error" for row in shown) == sum(not isinstance(problem, ValueUnmapped) for problem in translated.problems)
    assert (
        sum(row.state == "unmapped" for row in shown)
        == len({row.target for row in shown if row.state == "unmapped"})
        <= len(translated.unmapped)
    )
