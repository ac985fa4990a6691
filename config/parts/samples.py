"""Invented values for the page of parts: one state each, as a page would hand them over. Not translated: nobody works with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from config import clock
from config.parts.shapes import (
    Button,
    Chip,
    Column,
    CompareRow,
    Consequence,
    Example,
    Fact,
    Filter,
    Kpi,
    Moment,
    Need,
    Pager,
    PlanGroup,
    Stage,
    Tab,
    Weight,
)

KPIS = (
    Kpi("People in sync", "1,197", "4 start soon · 3 leaving", "#kpis"),
    Kpi("Waiting for a decision", "7", "oldest 2 d 4 h", "#kpis"),
    Kpi("Hire → account usable", "1.4 s", "p95 2.8 s · goal 3 s", "#kpis"),
    Kpi("Left, still active", "2", "checked 4 min ago", "#kpis", tone="bad"),
    Kpi("Deliveries, 24 h", "99.97 %", "3 waiting to retry"),
)
NEEDS = (
    Need(
        Chip("held", "hold", "■"),
        "Workday would deactivate 212 people",
        "(17.6 % of 1,204; limit 5 % and 25)",
        "The file ended on page 3 of 12. Nothing has been written.",
        "Review plan",
        "#plan",
    ),
    Need(
        Chip("case", "warn", "?"),
        "José García-Núñez",
        "may be Jose Garcia in BambooHR",
        "Same phone and name; different e-mail domain. One account waits for this.",
        "Decide",
        "#compare",
    ),
    Need(
        Chip("mapping", "warn", "!"),
        "Location code “MUC-3” has no name yet",
        "· 14 people",
        "They keep “Munich” until someone says otherwise.",
        "Add value",
        "#facts",
    ),
    Need(
        Chip("sign-in", "bad", "×"),
        "BambooHR key expires in 6 days",
        harm="After that, hires in the Lisbon office stop arriving.",
        button="Renew",
        href="#error",
    ),
)
STAGES = (
    Stage("fetched", "1,012", "done"),
    Stage("unchanged", "989", "done"),
    Stage("translated", "23", "done"),
    Stage("resolved", "23", "done"),
    Stage("chosen", "1,204", "done"),
    Stage("planned", "235", "done"),
    Stage("guard", "held", "held"),
    Stage("apply"),
    Stage("deliver"),
    Stage("verify"),
)
STAGES_LIVE = (Stage("fetched", "1,012", "done"), Stage("translated", "410", "now"), Stage("resolved"), Stage("planned"))
STAGES_FAILED = (Stage("fetched", "3 of 12", "failed"), Stage("translated"), Stage("planned"))
PLAN = (
    PlanGroup(
        "deactivate",
        "not in the source any more",
        212,
        (Example("Aiko Tanaka", "#plan"), Example("Ben Okafor", "#plan"), Example("Carla Rossi", "#plan")),
        "#plan",
    ),
    PlanGroup("create", "starts today in Tokyo", 4, (Example("Haruto Sato", "#plan"),), "#plan"),
    PlanGroup(
        "update", "title, unit or manager changed", 18, (Example("Noor van den Berg", "#plan", "Analyst II", "Senior Analyst"),), "#plan"
    ),
    PlanGroup("reactivate", "rehired, same employee number", 1, (Example("Ana Ruiz", "#plan"),), "#plan"),
    PlanGroup("skip", "in grace until 30 November", 3, (Example("Distributor contacts of Acme"),)),
)
FACTS = (
    Fact("Name", "Noor van den Berg", "Workday", "HR owns names of employees", ("BambooHR: N. vd Berg",)),
    Fact(
        "Work e-mail",
        "noor.vandenberg@meridian.example",
        "Workday",
        "the source with the lower rank",
        ("BambooHR: nvandenberg@meridian.example",),
    ),
    Fact("Job title", "Senior Analyst", "Workday", "HR owns titles"),
    Fact("Business unit", "Digital", "Workday", "“D-4410” by value map v7"),
    Fact("Primary manager", "Yusuf Demir", "Workday", "functional before project", ("Ines Costa (project)",), Chip("functional"), "#facts"),
    Fact("Language", "Dutch", "Lea Adler", "until 1 January: “asked by phone”", ("Workday: English",), Chip("override", "warn")),
    Fact("Phone", "", "", ""),
)
WEIGHTS = (
    Weight("same phone", 31),
    Weight("name, no accents", 14),
    Weight("same city", 4),
    Weight("common name", -8),
    Weight("e-mail domains", -5),
)
WEIGHTS_IN_WORDS = (Weight("same e-mail"), Weight("other employee number", speaks_for=False))
COLUMNS = (Column("workday", "Workday", "2 min old"), Column("bamboohr", "BambooHR", "1 h old"))
ROWS = (
    CompareRow("Name", ("José García-Núñez", "Jose Garcia"), "José García-Núñez", "HR owns names", "workday", "name"),
    CompareRow(
        "E-mail",
        ("jose.garcia@meridian.example", "jose.garcia@client-company.example"),
        "jose.garcia@meridian.example",
        "own domain",
        "workday",
        "email",
    ),
    CompareRow("Phone", ("+49 30 901820", "030 901820"), "+49 30 901820", "same number", "workday", "phone"),
    CompareRow("Country", ("DE", "DE"), "DE", is_equal=True),
    CompareRow("Birth date", ("12 Apr 1988", None), "12 Apr 1988"),
)
CONSEQUENCES = (
    Consequence(Chip("1", "bad", "−"), "account in Moodle suspended, nothing deleted"),
    Consequence(Chip("2", "ok", "+"), "enrolments and 1 completion carried over"),
    Consequence(Chip("1", "info", "→"), "certification sent on"),
    Consequence(Chip("", "idle", "↺"), "can be undone at any time"),
)
BUTTONS = (Button("Merge", "merge", "go", "m"), Button("Keep apart", "apart", "", "k"), Button("Later…", "later", "", "d"))
PHASES = ("succeeded",) * 16 + ("partial",) + ("succeeded",) * 4 + ("failed", "held", "")
FILTERS = (
    Filter("connector", "Connector", "", (("", "all"), ("workday", "Workday"), ("moodle", "Moodle Academy"))),
    Filter("phase", "State", "held", (("", "all"), ("held", "held"), ("failed", "failed"))),
    Filter("operation", "Contains"),
)
TABS = (
    Tab("Health", "#tabs", True),
    Tab("Mapping", "#tabs"),
    Tab("Runs", "#tabs", count="24"),
    Tab("Requests", "#tabs"),
    Tab("Credentials", "#tabs"),
)


def everything() -> dict[str, Any]:
    """All samples by name; those with a time are made now."""
    now = clock.now()
    moments = (
        Moment(now - timedelta(minutes=4), "Moodle confirmed the new title", note="run 812 · 0.4 s after sending", tone="ok"),
        Moment(now - timedelta(minutes=6), "Title changed", before="Analyst II", after="Senior Analyst", note="from Workday, mapping v12"),
        Moment(now - timedelta(days=1), "A delivery failed", note="tried again 2 min later", tone="bad"),
        Moment(now - timedelta(days=20), "Second manager arrived,", "primary kept", "Ines Costa, project line"),
        Moment(now - timedelta(days=400), "Linked to a BambooHR record", note="Lea Adler: “same person, spoke to her”", tone="hold"),
    )
    spans = (-3, -42, -240, -3 * 3600, -86400, -30 * 86400, -700 * 86400, 59 * 60, 86400)  # seconds from now
    times = [now + timedelta(seconds=span) for span in spans]
    return {
        "kpis_sample": KPIS,
        "needs_sample": NEEDS,
        "stages_sample": STAGES,
        "stages_live": STAGES_LIVE,
        "stages_failed": STAGES_FAILED,
        "plan_sample": PLAN,
        "facts_sample": FACTS,
        "moments": moments,
        "weights": WEIGHTS,
        "weights_in_words": WEIGHTS_IN_WORDS,
        "columns": COLUMNS,
        "rows": ROWS,
        "consequences_sample": CONSEQUENCES,
        "buttons": BUTTONS,
        "phases": PHASES,
        "filters_sample": FILTERS,
        "tabs_sample": TABS,
        "pager_sample": Pager("51–100 of about 1,200,000", "?before=51", "?after=100"),
        "times": times,
        "nothing": (),
    }
