"""manage.py bundle: out, compared, in. The same tables give the same file, whatever the order they were filled in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from integrations.connectors.models import Connector
from integrations.mapping.models import MappingVersion, ValueMap
from syncjobs.schedules.models import Blackout, SyncSchedule
from tests.answers import answer, run_command
from tests.rows import a_person

pytestmark = pytest.mark.django_db
CONGRESS = str(Path(__file__).parent.parent.parent / "bundles" / "congress.yaml")


def test_in_out_and_in_again_is_the_same_file_byte_for_byte(tmp_path: Path) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    assert answer("bundle", "import", CONGRESS, "--yes")[0] == 0
    assert run_command("bundle", "export", str(first))[0] == 0
    for model in (SyncSchedule, MappingVersion, Connector, ValueMap):
        model.objects.all().delete()
    turned = YAML(typ="safe").load(first.read_text())
    turned = {name: turned[name][::-1] if isinstance(turned[name], list) else turned[name] for name in reversed(turned)}
    for value_map in turned["value_maps"]:
        value_map["rows"].reverse()
    upside_down = tmp_path / "upside-down.yaml"
    with upside_down.open("w") as out:
        YAML().dump(turned, out)
    assert answer("bundle", "import", str(upside_down), "--yes")[0] == 0
    run_command("bundle", "export", str(second))
    assert second.read_bytes() == first.read_bytes()
    assert run_command("bundle", "export")[1] == first.read_text()


def test_a_plan_says_what_would_change_and_changes_nothing() -> None:
    code, said = answer("bundle", "plan", CONGRESS)
    assert code == 0 and {(row["key"], row["verb"]) for row in said["data"]} == {
        ("chambers", "create"),
        ("parties", "create"),
        ("congress", "create"),
        ("academy", "create"),
    }
    assert not Connector.objects.exists()


def test_an_import_says_what_it_did_and_a_second_one_does_nothing() -> None:
    assert [row["verb"] for row in answer("bundle", "import", CONGRESS, "--yes")[1]["data"]] == ["create"] * 4
    assert [row["verb"] for row in answer("bundle", "import", CONGRESS)[1]["data"]] == ["same"] * 4
    Connector.objects.filter(key="congress").update(rank=20)
    changed = [row for row in answer("bundle", "plan", CONGRESS)[1]["data"] if row["verb"] == "change"]
    assert changed == [{"kind": "connector", "key": "congress", "verb": "change", "differs": ["rank"], "plans_again": 0}]
    assert "1 of 4 would change." in run_command("bundle", "plan", CONGRESS)[1]


def test_what_decides_anew_about_everybody_says_how_many_people_it_plans_again(tmp_path: Path) -> None:
    run_command("bundle", "import", CONGRESS, "--yes")
    for number in (1, 2):
        a_person(number, Connector.objects.get(key="congress"))
    file = tmp_path / "pilot.yaml"
    file.write_text("rollcall: 1\nconnectors:\n  - {key: academy, vendor: moodle, pilot: {units: [House]}}\n")
    assert "change  connector academy: pilot (plans 2 people again)" in run_command("bundle", "plan", str(file))[1]
    file.write_text("rollcall: 1\nconnectors:\n  - {key: academy, vendor: moodle, name: Other}\n")
    assert answer("bundle", "plan", str(file))[1]["data"][0]["plans_again"] == 0


def timetable(*lines: str) -> str:
    return "rollcall: 1\nconnectors:\n  - key: congress\n    vendor: csv_file\n    schedules:\n" + "".join(
        f"      - {line}\n" for line in lines
    )


def test_what_becomes_of_overlapping_runs_and_how_far_starts_are_spread_is_part_of_a_schedule(tmp_path: Path) -> None:
    run_command("bundle", "import", CONGRESS, "--yes")
    file = tmp_path / "timetable.yaml"
    file.write_text(timetable('{cron: "0 2 * * *", overlap: wait, jitter_minutes: 20}', '{cron: "0 3 * * 0", reads: full, overlap: skip}'))
    assert answer("bundle", "import", str(file), "--yes")[0] == 0
    assert list(SyncSchedule.objects.order_by("cron").values_list("overlap", "jitter_minutes")) == [("wait", 20), ("skip", 0)]
    assert [row["verb"] for row in answer("bundle", "plan", str(file))[1]["data"]] == ["same"], (
        "defaults that are written out differ in nothing"
    )
    (exported,) = [one for one in answer("bundle", "export")[1]["data"]["connectors"] if one["key"] == "congress"]
    assert [line.get("jitter_minutes") for line in exported["schedules"]] == [20, None]


@pytest.mark.parametrize(
    ("line", "told"),
    [('{cron: "0 2 * * *", jitter_minutes: 1440}', "more minutes"), ('{cron: "0 2"}', "cron"), ('{cron: "* * * * *"}', "five minutes")],
)
def test_a_timetable_the_page_would_refuse_is_refused(tmp_path: Path, line: str, told: str) -> None:
    run_command("bundle", "import", CONGRESS, "--yes")
    file = tmp_path / "timetable.yaml"
    file.write_text(timetable(line))
    code, said = answer("bundle", "import", str(file), "--yes")
    assert code == 2 and told in str(said["errors"])


def test_without_a_terminal_and_without_yes_nothing_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = answer("bundle", "import", CONGRESS)
    assert code == 2 and said["errors"] == ["nobody is here to ask: add --yes"]
    assert run_command("bundle", "import", CONGRESS, monkeypatch=monkeypatch)[0] == 2
    assert not Connector.objects.exists()


def test_standard_input_is_read_where_no_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    code, _said = answer("bundle", "import", "--yes", stdin=Path(CONGRESS).read_text(), monkeypatch=monkeypatch)
    assert code == 0 and Connector.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"rollcall: 1\nconnectors:\n  - {key: a, vendor: csv_file, settings: {id_colum: x}}\n", "id_colum"),
        (b"rollcall: 7\n", "rollcall"),
        (b"rollcall: 1\n  bad: [\n", "line 2"),
        (b"\xff\xfe\x00", "is not text in UTF-8"),
        (
            b"rollcall: 1\nconnectors:\n  - {key: a, vendor: moodle, settings: {base_url: 'https://x.example', token: s3cret}}\n",
            "is a secret",
        ),
    ],
)
@pytest.mark.parametrize("verb", ["plan", "import"])
def test_a_file_that_cannot_be_used_is_two_says_where_and_changes_nothing(tmp_path: Path, verb: str, content: bytes, told: str) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_bytes(content)
    code, said = answer("bundle", verb, str(file), "--yes")
    assert code == 2 and told in said["errors"][0]
    assert not Connector.objects.exists() and not ValueMap.objects.exists()


def test_a_file_that_is_not_there_is_two() -> None:
    code, said = answer("bundle", "plan", "/nowhere/at-all.yaml")
    assert code == 2 and "No such file" in said["errors"][0]


def test_an_export_for_scripts_is_the_same_configuration_as_json() -> None:
    run_command("bundle", "import", CONGRESS, "--yes")
    said = answer("bundle", "export")[1]["data"]
    assert [one["key"] for one in said["connectors"]] == ["congress", "academy"] and json.dumps(said)


@pytest.mark.parametrize(
    ("policy", "told"),
    [("{leaver_rule: lastday}", "lastday"), ("{redy_days_before: 3}", "redy_days_before"), ("{ready_days_before: soon}", "soon")],
)
def test_a_rule_nobody_knows_is_refused_before_a_night_stumbles_over_it(tmp_path: Path, policy: str, told: str) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(f"rollcall: 1\nconnectors:\n  - {{key: congress, vendor: csv_file, policy: {policy}}}\n")
    code, said = answer("bundle", "plan", str(file))
    assert code == 2 and told in str(said["errors"]) and "policy" in str(said["errors"])


def test_blackouts_are_part_of_the_configuration_and_come_back_as_they_were(tmp_path: Path) -> None:
    run_command("bundle", "import", CONGRESS, "--yes")
    file = tmp_path / "quiet.yaml"
    line = "{name: Year end, connector: congress, from: 2026-12-24T18:00:00+01:00, until: 2027-01-02T06:00:00}"
    file.write_text(f"rollcall: 1\nblackouts:\n  - {line}\n  - {{name: Move, from: 2026-12-01 08:00, until: 2026-12-01 12:00}}\n")
    assert answer("bundle", "import", str(file), "--yes")[0] == 0
    kept = {row.name: (row.connector, row.starts_at.isoformat(), row.ends_at.isoformat()) for row in Blackout.objects.all()}
    assert kept["Year end"] == (Connector.objects.get(key="congress"), "2026-12-24T17:00:00+00:00", "2027-01-02T06:00:00+00:00")
    assert kept["Move"][0] is None
    assert {row["verb"] for row in answer("bundle", "plan", str(file))[1]["data"]} == {"same"}
    whole = tmp_path / "all.yaml"
    whole.write_text(run_command("bundle", "export")[1])
    assert {row["verb"] for row in answer("bundle", "plan", str(whole))[1]["data"]} == {"same"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{name: X, from: soon, until: 2026-12-01 12:00}", "not a date"),
        ("{name: X, from: 2026-12-02 08:00, until: 2026-12-01 12:00}", "ends before"),
        ("{name: X, connector: nobody, from: 2026-12-01 08:00, until: 2026-12-01 12:00}", "no connector"),
    ],
)
def test_a_blackout_that_cannot_be_is_refused(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "quiet.yaml"
    file.write_text(f"rollcall: 1\nblackouts:\n  - {line}\n")
    code, said = answer("bundle", "plan", str(file))
    assert code == 2 and told in str(said["errors"])


def test_when_a_field_arrives_and_that_it_never_does_come_through_a_bundle(tmp_path: Path) -> None:
    text = (
        Path(CONGRESS)
        .read_text()
        .replace(
            "    vendor: moodle\n",
            "    vendor: moodle\n    mappings:\n      users:\n"
            "        - {fills: username, from: work_email}\n"
            "        - {fills: department, from: department, arrives: nightly}\n"
            "        - {fills: city, from: location, arrives: at_once}\n"
            "        - {fills: country, from: country, direction: never}\n",
            1,
        )
    )
    file, out = tmp_path / "routes.yaml", tmp_path / "out.yaml"
    file.write_text(text)
    assert answer("bundle", "import", str(file), "--yes")[0] == 0
    rows = MappingVersion.objects.get(connector__key="academy", state="published").rows
    assert list(rows.values_list("target", "route", "direction")) == [
        ("username", "at_once", "out"),
        ("department", "nightly", "out"),
        ("city", "at_once", "out"),
        ("country", "at_once", "never"),
    ]
    assert {row["verb"] for row in answer("bundle", "plan", str(file))[1]["data"]} == {"same"}
    assert run_command("bundle", "export", str(out))[0] == 0
    users = YAML(typ="safe").load(out.read_text())["connectors"][1]["mappings"]["users"]
    assert [row.get("arrives") for row in users] == [None, "nightly", None, None] and users[3]["direction"] == "never"
    file.write_text(text.replace("arrives: nightly", "arrives: weekly"))
    assert answer("bundle", "import", str(file), "--yes")[0] == 2
