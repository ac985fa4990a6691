"""What the hub writes down about its nights is kept in no language: who reads German sees German, in the same rows.

One company lives through everything that leaves a sentence behind: first plans, questions, holds, records set aside, a wrong password,
a hold that lapsed, answers of people. Then every kept sentence is held against the catalogue, and every page is read by a German.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import translation

from config import clock
from config.audit.chain import verify
from config.audit.models import AuditDetail, AuditEntry, Cause
from config.notices.models import Notice
from config.say import said
from config.sentences import MANY, VALUES, english
from identity.cases.models import Candidate, Case
from identity.matching.decisions import KeepSeparate, LinkRecord
from identity.organisation.models import OrgUnit, ReportingLine
from identity.people.models import Link, Person, Replan
from integrations.connectors.decisions import PauseConnector, ResumeConnector
from integrations.connectors.models import Connector, ConnectorIssue
from integrations.outbound.models import Attempt, Delivery
from syncjobs.guards.decisions import RefusePlan
from syncjobs.guards.evaluate import lapse
from syncjobs.guards.models import Hold
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.decisions import CancelRun
from syncjobs.runs.models import RecordOutcome, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.late import tell_late
from syncjobs.schedules.models import RunMode
from tests.cast import MARCO_ROSSI, NOOR_NEW_TITLE, NOOR_VAN_DEN_BERG, OMAR_HADDAD
from tests.company import Company, later
from tests.config.messages import in_po
from tests.rows import staff
from tests.stories.test_faults import work
from tests.stories.test_guard import dismiss

CATALOGUE = settings.BASE_DIR / "config" / "locale" / "de" / "LC_MESSAGES" / "django.po"
TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
QUOTED = re.compile(r"\d{3} ")  # the status and the words of another system, which stay as they came
SHORTEST = 12  # letters of an English sentence that is looked for in a page: shorter ones are words that German has as well


def live_through(company: Company) -> None:
    """Everything that leaves a sentence behind."""
    company.run("workday", approve=False)  # the first plan waits, and lapses
    later(hours=49)
    assert lapse(clock.now()) == 1
    company.night()
    asked = company.case("duplicate")
    LinkRecord(None, asked, asked.candidates.get().person).execute("the same mailbox")
    for case in Case.objects.filter(kind="already_there", state="open")[:1]:
        KeepSeparate(None, case).execute("somebody else's account")

    company.hr.do("change_title", hr="workday", key=NOOR_VAN_DEN_BERG.key, title=NOOR_NEW_TITLE)
    company.hr.do("move", hr="workday", key=OMAR_HADDAD.key, location_code="BER")
    company.hr.do("start_leave", hr="workday", key=MARCO_ROSSI.key, until_on=clock.today() + timedelta(days=30))
    dismiss(company, 2)
    company.box.faults.set("workday", unknown_location=True, manager_cycle=True)
    company.box.faults.set("bamboohr", bad_dates=True)
    company.night("workday", "bamboohr")
    company.box.faults.set("workday", unknown_location=False, manager_cycle=False)
    company.box.faults.set("bamboohr", bad_dates=False)

    dismiss(company, 30)
    RefusePlan(None, company.run("workday", approve=False)).execute("HR made a mistake")
    company.run("workday", RunMode.FULL, approve=False)  # held again, and waits
    company.box.faults.set("bamboohr", truncate_last_page=True)
    cut_off = start_run(company.connector("bamboohr"), Trigger.MANUAL, RunMode.FULL)

    work(cut_off)
    company.box.faults.set("bamboohr", truncate_last_page=False)
    CancelRun(None, cut_off).execute("the export is broken")
    company.box.faults.set("bamboohr", empty=True)
    work(start_run(company.connector("bamboohr"), Trigger.MANUAL, RunMode.FULL))
    company.box.faults.set("bamboohr", empty=False)

    secret = company.connector("bamboohr").credentials.get()
    company.connector("bamboohr").credentials.update(value="wrong")
    work(start_run(company.connector("bamboohr"), Trigger.MANUAL, RunMode.FULL))
    secret.save()
    PauseConnector(None, company.connector("bamboohr")).execute("until the key is right")
    ResumeConnector(None, company.connector("bamboohr")).execute("it is")
    later(days=3)
    tell_late(clock.now())


def kept() -> Iterator[tuple[str, str]]:
    """(where, sentence) of every sentence in the tables."""
    columns: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (PlannedChange, ("reason",)),
        (RecordOutcome, ("detail",)),
        (Hold, ("sentence",)),
        (Case, ("question", "waits")),
        (Link, ("evidence",)),
        (ReportingLine, ("why",)),
        (OrgUnit, ("problem",)),
        (Replan, ("because",)),
        (Notice, ("title", "body", "next_step")),
        (Cause, ("label",)),
        (SyncRun, ("error_detail",)),
        (ConnectorIssue, ("detail",)),
        (Delivery, ("error_detail",)),
        (Attempt, ("detail",)),
    )
    for model, names in columns:
        for name in names:
            for text in model.objects.exclude(**{name: ""}).values_list(name, flat=True).distinct():
                yield f"{model.__name__}.{name}", text
    for evidence in Candidate.objects.values_list("evidence", flat=True):
        yield from (("Candidate.evidence", text) for _sign, text in evidence)
    for window in SyncRun.objects.values_list("window", flat=True):
        yield from (("SyncRun.window", stream["proof"]) for stream in window.values() if "proof" in stream)
    for sources in Person.objects.values_list("sources", flat=True):
        yield from (("Person.sources", source[3]) for source in sources.values())
    for extra in PlannedChange.objects.filter(target=None).values_list("extra", flat=True):
        yield from (("PlannedChange.extra", extra[key]) for key in ("why", "primary") if extra[key])
    for after in AuditDetail.objects.filter(entry__action__contains=".").values_list("after", flat=True):
        yield from (("AuditDetail.effect", text) for text in (after or {}).get("effect", ()) if isinstance(after, dict))


def message_of(stored: str) -> str:
    return stored.partition(VALUES)[0].partition(MANY)[0]


def addresses() -> Iterator[str]:
    """Every page on which one of them stands, of the rows that are there."""
    yield from ("", "decisions/", "runs/", "people/", "connectors/", "deliveries/", "audit/", "schedules/", "mappings/", "value-maps/")
    for run in SyncRun.objects.values_list("pk", flat=True):
        yield from (f"runs/{run}/", f"runs/{run}/plan/", f"runs/{run}/records/", f"runs/{run}/plan.csv")
    for case in Case.objects.values_list("pk", flat=True):
        yield f"decisions/{case}/"
    for connector in Connector.objects.values_list("pk", flat=True):
        yield from (f"connectors/{connector}/", f"connectors/{connector}/runs/")
    for reason in PlannedChange.objects.values_list("reason_code", flat=True).distinct():
        change = PlannedChange.objects.filter(reason_code=reason).order_by("-pk")[0]
        yield f"runs/{change.plan.run_id}/people/{change.person_id}/"
        if change.base_version:
            yield from (f"people/{change.person_id}/", f"people/{change.person_id}/facts/job_title/")
    for entry in AuditEntry.objects.exclude(object_type="person").values_list("pk", flat=True):
        yield f"audit/{entry}/"


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return unescape(TAGS.sub(" ", body.decode()))


def test_whatever_is_kept_is_a_message_of_the_catalogue_and_every_page_says_it_in_german(company: Company, client: Client) -> None:
    live_through(company)
    sentences = sorted(set(kept()))

    messages = {english for english, _plural, _german in in_po(CATALOGUE).values()}
    ours = [(where, text) for where, text in sentences if not QUOTED.match(text)]
    assert [(where, text) for where, text in ours if message_of(text) not in messages] == []
    assert {where for where, _text in sentences} >= {
        "Hold.sentence",
        "Case.question",
        "Notice.body",
        "SyncRun.error_detail",
        "Person.sources",
    }
    assert {"first_plan", "too_many", "source_empty", "fetch_cut_off"} <= set(Hold.objects.values_list("code", flat=True))
    assert verify().is_intact

    reader = staff("administrator")
    reader.language = "de"
    reader.save()
    client.force_login(reader)
    with translation.override("de"):
        spoken = {english(text): said(text) for _where, text in sentences}
    foreign = [text for text, german in spoken.items() if text != german and len(text) >= SHORTEST]
    assert len(foreign) > 40
    seen = ""
    for address in addresses():
        answer = client.get(f"/admin/{address}")
        if answer.status_code == 404 and "/facts/" in address:
            continue
        assert answer.status_code == 200, address
        text = text_of(answer)
        assert [one for one in foreign if one in text] == [], address
        assert VALUES not in text and "%(" not in text, address
        seen += text
    unseen = [where for where, text in sentences if said_in_german(text) in seen]
    assert {"Hold.sentence", "Case.question", "Case.waits", "PlannedChange.reason", "SyncRun.window", "Link.evidence"} <= set(unseen)


def said_in_german(text: str) -> str:
    with translation.override("de"):
        return said(text)
