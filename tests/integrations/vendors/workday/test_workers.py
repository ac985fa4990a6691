from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from config.errors import AnswerCutOff, CredentialRejected, CursorExpired, PermissionMissing, RateLimited, UnexpectedAnswer
from integrations.vendors.base import Page, Window
from integrations.vendors.workday.workers import Place
from integrations.wire.http import Response
from tests.integrations.vendors.workday.recorded import answer, connect, fault, find, recording, texts

NOW = datetime(2026, 5, 20, 6, 0, 0, 123_000, tzinfo=UTC)  # what server_timestamp.xml says, written there as 23:00 the day before
ANA, OMAR, HARUTO = (f"3aa5550b7fe348b98d7b5741afc655{end}" for end in ("34", "08", "06"))
PAGES = ("workers__page_1_of_2.xml", "workers__page_2_of_2.xml")
NONE = "workers__none.xml"  # among others: nobody's hire is still ahead


def edited(name: str, *changes: tuple[str, str]) -> Response:
    text = recording(name).decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return Response(200, {"Content-Type": "text/xml"}, text.encode())


def ids(pages: list[Page]) -> list[str]:
    return [record.external_id for page in pages for record in page.records]


def test_a_full_read_pages_to_the_end_and_proves_its_count() -> None:
    workday, _ = connect("server_timestamp.xml", *PAGES, NONE)
    pages = list(workday.fetch("workers", Window()))
    assert ids(pages) == [ANA, OMAR, HARUTO]
    assert [(page.is_last, page.total) for page in pages] == [(False, 3), (False, 3), (True, 3)]
    assert all(page.mark == NOW for page in pages) and pages[-1].cursor is None


def test_every_page_is_asked_as_of_the_same_frozen_moment() -> None:
    workday, line = connect("server_timestamp.xml", *PAGES, NONE)
    list(workday.fetch("workers", Window()))
    asked = [dict(texts(line.body(number))) for number in (1, 2)]
    assert [one["As_Of_Entry_DateTime"] for one in asked] == ["2026-05-20T06:00:00.123Z"] * 2
    assert [one["As_Of_Effective_Date"] for one in asked] == ["2026-05-19"] * 2  # the day it still is over there
    assert [one["Page"] for one in asked] == ["1", "2"]


def test_the_frozen_moment_is_never_ahead_of_workdays_own_clock() -> None:
    workday, line = connect("server_timestamp.xml", *PAGES, NONE)
    until = NOW + timedelta(hours=1)
    pages = list(workday.fetch("workers", Window(until=until, as_of=date(2026, 5, 20))))
    assert pages[0].mark == NOW and dict(texts(line.body(1)))["As_Of_Effective_Date"] == "2026-05-20"
    workday, _ = connect("server_timestamp.xml", *PAGES, NONE)
    assert next(workday.fetch("workers", Window(until=NOW - timedelta(hours=1)))).mark == NOW - timedelta(hours=1)


def test_reading_is_lazy_and_asks_for_no_page_before_it_is_wanted() -> None:
    workday, line = connect("server_timestamp.xml", *PAGES, NONE)
    reading = workday.fetch("workers", Window())
    assert line.asked == []
    next(reading)
    assert len(line.asked) == 2


def test_a_read_goes_on_from_its_cursor_with_the_same_moment() -> None:
    workday, _ = connect("server_timestamp.xml", *PAGES, NONE)
    first = next(workday.fetch("workers", Window()))
    cursor = json.loads(json.dumps(first.cursor))
    workday, line = connect(PAGES[1], NONE)
    rest = list(workday.fetch("workers", Window(), cursor))
    assert ids(rest) == [HARUTO] and rest[-1].is_last and rest[-1].total == 3 and rest[-1].mark == NOW
    assert dict(texts(line.body(0)))["As_Of_Entry_DateTime"] == "2026-05-20T06:00:00.123Z"


@pytest.mark.parametrize("cursor", [{"row": 7}, {"step": "x"}, [1], "page 2"])
def test_a_cursor_of_something_else_starts_again(cursor: Any) -> None:
    workday, _ = connect()
    with pytest.raises(CursorExpired):
        list(workday.fetch("workers", Window(), cursor))


def test_a_cursor_behind_the_end_of_the_window_starts_again() -> None:
    place = Place(NOW, date(2026, 5, 20), step=2)
    with pytest.raises(CursorExpired):
        list(connect()[0].fetch("workers", Window(), place.to_cursor()))


# ── pages that contradict themselves ────────────────────────────────────────────────────────────────


def outcome(pages: Iterator[Page]) -> tuple[list[Page], Exception | None]:
    found: list[Page] = []
    try:
        for page in pages:
            found.append(page)
    except AnswerCutOff as error:
        return found, error
    return found, None


NOBODY = (("<wd:Page_Results>1<", "<wd:Page_Results>0<"), ("<wd:Worker>", "<wd:Ghost>"), ("</wd:Worker>", "</wd:Ghost>"))
END = "</wd:Page>\n</wd:Response_Results>"
BROKEN = {
    "a page with fewer workers than it announces": edited(PAGES[1], ("<wd:Page_Results>1<", "<wd:Page_Results>2<")),
    "a sum below the total": edited(PAGES[1], *NOBODY),
    "another page than was asked for": edited(PAGES[1], (f"<wd:Page>2{END}", f"<wd:Page>1{END}")),
    "a document that stops in the middle": Response(200, {}, recording(PAGES[1])[:-400]),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_page_that_contradicts_itself_is_never_the_last_one(broken: Response) -> None:
    workday, _ = connect("server_timestamp.xml", PAGES[0], broken)
    pages, error = outcome(workday.fetch("workers", Window()))
    assert isinstance(error, AnswerCutOff) and len(pages) == 1 and not pages[0].is_last


def test_a_list_that_changes_under_a_frozen_moment_is_cut_off() -> None:
    drifted = edited(PAGES[1], ("<wd:Total_Results>3<", "<wd:Total_Results>4<"))
    workday, _ = connect("server_timestamp.xml", PAGES[0], drifted)
    with pytest.raises(AnswerCutOff, match="from 3 to 4"):
        list(workday.fetch("workers", Window()))


def test_an_answer_without_results_is_not_an_empty_company() -> None:
    workday, _ = connect("server_timestamp.xml", "server_timestamp.xml")
    with pytest.raises(UnexpectedAnswer):
        list(workday.fetch("workers", Window()))


def test_a_sign_in_page_with_status_200_is_not_an_empty_company() -> None:
    workday, _ = connect("server_timestamp.xml", answer("maintenance.html"))
    with pytest.raises(UnexpectedAnswer):
        list(workday.fetch("workers", Window()))


def test_nobody_is_an_answer_when_the_counts_say_so() -> None:
    workday, _ = connect("server_timestamp.xml", NONE, NONE)
    pages = list(workday.fetch("workers", Window()))
    assert [(page.records, page.total, page.is_last) for page in pages] == [([], 0, False), ([], 0, True)]


def test_a_full_read_after_reads_of_changes_says_who_changed_since_the_last_of_them() -> None:
    workday, line = connect("server_timestamp.xml", "workers__termination_rescinded.xml", NONE, *PAGES, NONE)
    pages = list(workday.fetch("workers", Window(known_to=NOW - timedelta(hours=6))))
    assert ids(pages) == [ANA, OMAR, HARUTO] and [page.later for page in pages] == [frozenset({HARUTO})] * 3
    entered, in_effect = dict(texts(line.body(1))), dict(texts(line.body(2)))
    assert entered["Updated_From"] == "2026-05-20T00:00:00.123Z" and "Effective_From" in in_effect
    assert "Include_Personal_Information" not in {name for name, text in entered.items() if text == "true"}, "the least that can be asked"


def test_a_first_read_asks_the_log_for_nobody() -> None:
    workday, _ = connect("server_timestamp.xml", *PAGES, NONE)
    assert [page.later for page in workday.fetch("workers", Window())] == [None] * 3


# ── deltas ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_delta_asks_for_what_was_entered_and_then_for_what_took_effect() -> None:
    workday, line = connect("server_timestamp.xml", NONE, NONE)
    pages = list(workday.fetch("workers", Window(since=NOW - timedelta(hours=6))))
    first, second = dict(texts(line.body(1))), dict(texts(line.body(2)))
    assert first["Updated_From"] == "2026-05-20T00:00:00.123Z"  # the overlap is already in the window
    assert first["Updated_Through"] == second["Effective_Through"] == "2026-05-20T06:00:00.123Z"
    assert second["Effective_From"] == "2026-05-18T00:00:00.123Z"  # and two days more, for every zone's midnight
    assert [(page.is_last, page.total) for page in pages] == [(False, None), (True, None)]


def test_a_delta_resumes_in_its_second_step() -> None:
    window = Window(since=NOW - timedelta(hours=6))
    workday, _ = connect("server_timestamp.xml", NONE)
    cursor = next(workday.fetch("workers", window)).cursor
    workday, line = connect("workers__termination_rescinded.xml")
    pages = list(workday.fetch("workers", window, cursor))
    assert "Effective_From" in dict(texts(line.body(0))) and pages[0].is_last and ids(pages) == [HARUTO]


def test_a_record_is_as_new_as_the_moment_it_was_frozen_at() -> None:
    """And not as old as its entry: a change entered in spring that takes effect in summer is the newest there is."""
    workday, _ = connect("server_timestamp.xml", "workers__termination_rescinded.xml", NONE)
    assert next(workday.fetch("workers", Window(since=NOW - timedelta(hours=6)))).records[0].changed_at == NOW


def test_a_watermark_ahead_of_workdays_clock_asks_for_no_negative_span() -> None:
    workday, line = connect("server_timestamp.xml", NONE, NONE)
    list(workday.fetch("workers", Window(since=NOW + timedelta(hours=2))))
    asked = dict(texts(line.body(1)))
    assert asked["Updated_From"] <= asked["Updated_Through"]


def test_a_future_hire_is_read_again_as_of_the_first_day() -> None:
    workday, line = connect("server_timestamp.xml", "workers__future_hire_today.xml", "workers__future_hire_on_first_day.xml")
    page = next(workday.fetch("workers", Window(since=NOW - timedelta(hours=6))))
    again = line.body(2)
    assert dict(texts(again))["As_Of_Effective_Date"] == "2026-06-01" and find(again, "Request_References/Worker_Reference") is not None
    lena = page.records[0].payload
    assert lena["jobs"][0]["title"] == "Software Engineer II" and lena["reporting_lines"]
    assert lena["state"] == "pending" and lena["status"]["hire_on"] == "2026-06-01"


def test_a_full_read_looks_ahead_for_hires_that_everybody_leaves_out() -> None:
    ahead = edited("workers__future_hire_today.xml")
    workday, line = connect("server_timestamp.xml", *PAGES, ahead, "workers__future_hire_on_first_day.xml")
    pages = list(workday.fetch("workers", Window()))
    asked = dict(texts(line.body(3)))
    assert asked["Effective_From"] == asked["As_Of_Entry_DateTime"] and asked["Effective_Through"].startswith("2028-")
    assert ids(pages)[-1].endswith("07")
    assert [page.total for page in pages] == [3, 3, 4] and len(ids(pages)) == 4  # the hire ahead was not among everybody


def test_looking_ahead_tells_nobody_twice() -> None:
    told = edited(
        PAGES[1], ("Page>2<", "Page>1<"), ("<wd:Total_Pages>2", "<wd:Total_Pages>1"), ("<wd:Total_Results>3", "<wd:Total_Results>1")
    )
    workday, _ = connect("server_timestamp.xml", *PAGES, told)
    assert ids(list(workday.fetch("workers", Window()))) == [ANA, OMAR, HARUTO]


def test_a_future_hire_who_cannot_be_read_ahead_stays_as_told() -> None:
    workday, _ = connect("server_timestamp.xml", "workers__future_hire_today.xml", NONE)
    page = next(workday.fetch("workers", Window()))
    assert page.records[0].payload["state"] == "pending" and page.records[0].payload["jobs"] == []


# ── single people ───────────────────────────────────────────────────────────────────────────────────


def test_people_by_id_are_read_by_reference_and_move_no_watermark() -> None:
    workday, line = connect("server_timestamp.xml", "workers__termination_rescinded.xml")
    pages = list(workday.fetch("workers", Window(ids=(HARUTO,))))
    assert find(line.body(1), "Request_Criteria") is None
    assert ids(pages) == [HARUTO] and pages[0].is_last and pages[0].mark is None and pages[0].total is None


def test_many_ids_are_asked_in_pages() -> None:
    wids = tuple(f"{number:032x}" for number in range(150))
    workday, line = connect("server_timestamp.xml", NONE, NONE, page_size=100)
    pages = list(workday.fetch("workers", Window(ids=wids)))
    sizes = [len(references) for number in (1, 2) if (references := find(line.body(number), "Request_References")) is not None]
    assert sizes == [100, 50] and [page.is_last for page in pages] == [False, True]


# ── what is missing ─────────────────────────────────────────────────────────────────────────────────


def test_a_worker_without_a_status_is_rejected_and_the_others_go_on() -> None:
    workday, _ = connect("server_timestamp.xml", "workers__one_without_status.xml")
    page = next(workday.fetch("workers", Window()))
    assert ids([page]) == [HARUTO]
    assert [(row.position, row.external_id[-2:], row.error.code) for row in page.rejected] == [(2, "09", "record_rejected")]
    assert "employment status" in page.rejected[0].error.detail


def test_a_worker_without_a_reference_is_rejected() -> None:
    nameless = edited(PAGES[1], ('<wd:ID wd:type="WID">3aa5550b7fe348b98d7b5741afc65506</wd:ID>', ""))
    workday, _ = connect("server_timestamp.xml", PAGES[0], nameless, NONE)
    last = list(workday.fetch("workers", Window()))[1]
    assert last.records == [] and last.rejected[0].position == 3 and "WID" in last.rejected[0].error.detail


def test_a_domain_that_was_taken_away_is_an_alarm_and_not_a_wave_of_rejections() -> None:
    without = edited(PAGES[1], ("<wd:Worker_Status_Data>", "<wd:Gone>"), ("</wd:Worker_Status_Data>", "</wd:Gone>"))
    workday, _ = connect("server_timestamp.xml", PAGES[0], without)
    with pytest.raises(PermissionMissing, match="Current Staffing Information"):
        list(workday.fetch("workers", Window()))


def many(count: int, *changes: tuple[str, str]) -> Response:
    """A page of `count` workers made from one recorded."""
    text = edited(PAGES[1], *changes).text
    start, end = text.index("<wd:Worker>\n"), text.index("</wd:Worker>\n") + len("</wd:Worker>\n")
    people = "".join(text[start:end].replace("afc65506", f"{number:08x}") for number in range(count))
    head = (
        text[:start]
        .replace("<wd:Page_Results>1<", f"<wd:Page_Results>{count}<")
        .replace("<wd:Total_Results>3<", f"<wd:Total_Results>{count}<")
    )
    head = head.replace("<wd:Total_Pages>2<", "<wd:Total_Pages>1<").replace("<wd:Page>2<", "<wd:Page>1<")
    return Response(200, {}, (head + people + text[end:]).encode())


def test_organisations_that_nobody_has_are_an_alarm_only_when_many_were_asked() -> None:
    gone = (("<wd:Organization_Data>\n", "<wd:Gone>\n"), ("</wd:Organization_Data>\n<wd:Management", "</wd:Gone>\n<wd:Management"))
    workday, _ = connect("server_timestamp.xml", many(19, *gone))
    assert len(next(workday.fetch("workers", Window())).records) == 19
    workday, _ = connect("server_timestamp.xml", many(20, *gone))
    with pytest.raises(PermissionMissing, match="Organization Information"):
        list(workday.fetch("workers", Window()))


# ── signing in ──────────────────────────────────────────────────────────────────────────────────────


def test_the_user_signs_in_with_the_tenant_behind_the_name() -> None:
    workday, line = connect("server_timestamp.xml", NONE, NONE)
    list(workday.fetch("workers", Window()))
    assert texts(line.header(0)) == [
        ("Username", "isu_rollcall@acme"),
        ("Password", "s3cret"),
        ("Include_Reference_Descriptors_In_Response", "true"),
    ]
    assert line.asked[0]["url"] == "https://services1.example/ccx/service/acme/Human_Resources/v44.2"
    assert line.asked[0]["headers"] == {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}


def test_a_user_with_a_tenant_of_its_own_is_left_alone() -> None:
    workday, line = connect("server_timestamp.xml", NONE, NONE, username="isu@acme_preview")
    list(workday.fetch("workers", Window()))
    assert ("Username", "isu@acme_preview") in texts(line.header(0))


def test_a_rejected_password_is_tried_once_and_no_more() -> None:
    workday, line = connect(fault("sign_in"))
    with pytest.raises(CredentialRejected):
        list(workday.fetch("workers", Window()))
    assert len(line.asked) == 1


OAUTH: dict[str, Any] = {"auth": "oauth", "client_id": "c1", "secrets": {"client_secret": "x", "refresh_token": "r7"}}


def token(value: str = "t1") -> Response:
    return Response(200, {}, json.dumps({"access_token": value, "token_type": "Bearer", "refresh_token": "r7"}).encode())


def test_a_token_refused_by_a_fault_is_renewed_once() -> None:
    workday, line = connect(fault("sign_in"), token(), "server_timestamp.xml", NONE, **OAUTH)
    next(workday.fetch("workers", Window()))
    assert [one["url"].rpartition("/")[2] for one in line.asked] == ["v44.2", "token", "v44.2", "v44.2"]
    assert texts(line.header(0)) == [("Include_Reference_Descriptors_In_Response", "true")]  # no user name beside a token


def test_a_token_refused_twice_is_a_rejected_credential() -> None:
    workday, line = connect(fault("sign_in"), token(), fault("sign_in"), **OAUTH)
    with pytest.raises(CredentialRejected):
        list(workday.fetch("workers", Window()))
    assert len(line.asked) == 3


def test_throttling_in_the_middle_keeps_the_place() -> None:
    workday, _ = connect("server_timestamp.xml", PAGES[0], fault("throttled"))
    reading = workday.fetch("workers", Window())
    cursor = next(reading).cursor
    with pytest.raises(RateLimited):
        next(reading)
    workday, _ = connect(PAGES[1], NONE)
    assert ids(list(workday.fetch("workers", Window(), cursor))) == [HARUTO]


def test_a_fault_inside_a_good_answer_is_still_a_fault() -> None:
    workday, _ = connect(Response(200, {}, fault("throttled").content))
    with pytest.raises(RateLimited):
        list(workday.fetch("workers", Window()))


def test_the_place_survives_its_own_cursor() -> None:
    place = Place(NOW, date(2026, 5, 20), step=1, page=7, heard=600, before=40, total=650, everybody=640)
    assert Place.from_cursor(json.loads(json.dumps(place.to_cursor()))) == place
    assert Place.from_cursor(replace(place, total=None).to_cursor()).total is None
