"""The page of the sandbox, as a browser without scripts sees it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.utils import translation
from lxml import html

from integrations.sandbox import cast
from integrations.sandbox.exchange import Request
from integrations.sandbox.page.accounts import _calls
from integrations.sandbox.page.markup import e
from integrations.sandbox.sandbox import Sandbox
from integrations.sandbox.server import DEFAULT_TODAY, answer
from integrations.sandbox.world import Clock, World
from tests.config.messages import in_po

NOOR = cast.NOOR_VAN_DEN_BERG.key
PAGES = (
    "/",
    "/people",
    "/people?hr=bamboohr&start=25",
    "/people?hr=csv&q=nobody-at-all",
    f"/people/workday/{cast.MARCO_ROSSI.key}",
    f"/people/workday/{cast.OMAR_HADDAD.key}",
    "/people/bamboohr/402",
    "/people/csv/K-1004",
    "/people/workday/new",
    "/people/csv/new",
    "/break",
    "/accounts",
    "/accounts?q=ana",
    "/calls",
    "/no/such/page",
)


class Browser:
    """Reads pages, and posts forms by the names of their fields."""

    def __init__(self, **options):
        clock = Clock(DEFAULT_TODAY)
        self.world = World(today=DEFAULT_TODAY, now=clock)
        advance = lambda days: clock.advance(days=days)  # noqa: E731
        self.sandbox = Sandbox(self.world, vendors=("moodle",), advance=advance, **options)

    def ask(self, method, path, form=None):
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost:8001"}
        body = urlencode(form or {}).encode()
        return answer(self.sandbox, Request.of(method, path, headers, body, base_url="http://localhost:8001"))

    def read(self, path):
        return html.fromstring(self.ask("GET", path).content.decode())

    def text(self, path):
        return " ".join(" ".join(self.read(path).itertext()).split())

    def submit(self, path, **form):
        """Post, follow the redirect, give the text that is then read."""
        answered = self.ask("POST", path, form)
        assert answered.status == 303, answered.content.decode()
        return self.text(answered.headers["Location"])

    def refused(self, path, **form):
        answered = self.ask("POST", path, form)
        assert answered.status == 400
        return html.fromstring(answered.content.decode())


@pytest.fixture
def browser():
    return Browser(rollcall_url="http://127.0.0.1:8000/")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_strict_whole_and_labelled(browser, path):
    answered = browser.ask("GET", path)
    policy = answered.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    page = html.fromstring(answered.content.decode())
    assert not page.xpath("//script | //*[@style] | //*[@onclick]")
    assert len(page.xpath("//h1")) == 1 and len(page.xpath("//main")) == 1
    for control in page.xpath("//input[not(@type='hidden')] | //select"):
        assert control.xpath("ancestor::label") or page.xpath(f"//label[@for='{control.get('id')}']"), control.get("name")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert all(form.get("action", "/").startswith("/") for form in page.xpath("//form"))


def test_every_unit_of_a_drop_down_stands_below_the_one_it_belongs_to(browser):
    options = browser.read("/people/workday/new").xpath("//select[@name='unit_key']/option[position() > 1]")
    keys, texts = [one.get("value") for one in options], [one.text for one in options]
    assert sorted(keys) == sorted(unit.key for unit in browser.world.units())
    above = []
    for key, text in zip(keys, texts, strict=True):
        unit = browser.world.unit(key)
        above = [*above[: text.count("– ")], key]
        assert above == [one.key for one in browser.world.units_above(key)] and text.endswith(unit.name)


def german_for(browser, path, **headers):
    asked = Request.of("GET", path, headers or {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}, base_url="http://localhost:8001")
    return html.fromstring(answer(browser.sandbox, asked).content.decode())


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_german_for_a_german(browser, path):
    """Nothing of ours stays English; what the company calls its units, sites and jobs is data and does."""
    browser.world.change_title("workday", NOOR, "Senior Analyst")
    browser.world.start_leave("workday", cast.MARCO_ROSSI.key)
    page = german_for(browser, path)
    texts = {" ".join(text.split()) for text in (*page.itertext(), *page.xpath("//@placeholder | //@aria-label"))}
    ours = {english: german[0] for english, _plural, german in in_po(settings.LOCALE_PATHS[0] / "de/LC_MESSAGES/django.po").values()}
    assert page.xpath("/html/@lang") == ["de"] and "Zum Inhalt springen" in texts
    assert [text for text in texts if ours.get(text.rstrip(".:"), text.rstrip(".:")) != text.rstrip(".:")] == []


def test_the_language_chosen_in_rollcall_counts_more_than_the_browser_s(browser):
    chosen = {"Accept-Language": "en", "Cookie": f"other=1; {settings.LANGUAGE_COOKIE_NAME}=de"}
    assert german_for(browser, "/", **chosen).xpath("//h1/text()") == ["Heute"]
    assert german_for(browser, "/", **{"Accept-Language": "fr;q=x, nonsense", "Cookie": "a=b; ="}).xpath("//h1/text()") == ["Today"]


def test_a_refusal_is_german_too(browser):
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost:8001", "Accept-Language": "de"}
    asked = Request.of("POST", f"/people/workday/{NOOR}/rehire", headers, b"hire_on=2026-06-15", base_url="http://localhost:8001")
    page = html.fromstring(answer(browser.sandbox, asked).content.decode())
    assert page.xpath("//*[@role='alert']/text()") == ["Noor van den Berg ist nie ausgeschieden."]


def test_a_page_that_is_not_there_says_so(browser):
    assert browser.ask("GET", "/no/such/page").status == 404
    assert browser.ask("GET", "/people/workday/nobody").status == 404
    assert browser.ask("POST", "/people/workday/nobody/rename", {"family": "X"}).status == 404
    assert browser.ask("POST", f"/people/workday/{NOOR}/touch").status == 404


def test_there_is_a_way_back_to_rollcall(browser):
    assert browser.read("/").xpath("//a[text()='Back to Rollcall']/@href") == ["http://127.0.0.1:8000/"]
    assert not Browser().read("/").xpath("//a[text()='Back to Rollcall']")


def test_somebody_is_hired_and_found(browser):
    form = {
        "given": "Zoë",
        "family": "Ünal",
        "hire_on": "2026-06-15",
        "location_code": "LIS",
        "unit_key": "",
        "title": "",
        "work_email": "",
    }
    text = browser.submit("/people/workday/new", **form)
    assert "Zoë Ünal" in text and "Hired." in text and "not here yet" in text and "Lisbon" in text
    assert "Zoë Ünal" in browser.text("/people?hr=workday&q=unal+zoe")
    assert "Zoë Ünal was hired" in browser.text("/")


def test_a_refused_hire_keeps_what_was_typed(browser):
    page = browser.refused("/people/workday/new", given="Zoë", family="", hire_on="2026-06-15", title="Buyer")
    assert page.xpath("//*[@role='alert']")[0].text == "A hire needs a first and a last name."
    assert page.xpath("//input[@name='given']/@value") == ["Zoë"] and page.xpath("//input[@name='title']/@value") == ["Buyer"]


def test_what_people_type_is_never_markup(browser):
    browser.submit(f"/people/workday/{NOOR}/rename", given="<script>alert(1)</script>", family='"><b>')
    for path in ("/", f"/people/workday/{NOOR}", "/people?hr=workday&q=<script>"):
        assert not browser.read(path).xpath("//script | //main//b[not(ancestor::*[@class='kpis'])]")
    assert "<script>alert(1)</script>" in browser.read(f"/people/workday/{NOOR}").text_content()


def test_a_title_changes_now_or_on_a_day(browser):
    form = {"title": "Senior Analyst", "effective_on": "2026-06-12"}
    text = browser.submit(f"/people/workday/{NOOR}/change_title", **form)
    assert "The new title is in." in text and "Job title Analyst II" in text
    assert "Time has moved." in browser.submit("/advance", days="2")
    assert "Job title Senior Analyst" in browser.text(f"/people/workday/{NOOR}")


def test_somebody_moves_to_a_site_and_under_a_manager_named_by_number(browser):
    form = {"unit_key": "", "location_code": "TYO", "manager_number": cast.MARCO_ROSSI.employee_number, "effective_on": ""}
    text = browser.submit(f"/people/workday/{NOOR}/move", **form)
    assert "Tokyo Shinagawa" in text and "Manager Marco Rossi" in text
    page = browser.refused(f"/people/workday/{NOOR}/move", manager_number="4711")
    assert page.xpath("//*[@role='alert']")[0].text == "Nobody in Workday has the number 4711."
    assert page.xpath("//details[@open]/summary/text()") == ["Move"]


def test_the_acts_on_offer_fit_the_state(browser):
    def offered(path):
        return browser.read(path).xpath("//summary/text()")

    path = f"/people/workday/{NOOR}"
    assert "Leaves" in offered(path) and "Hire again" not in offered(path) and "Becomes an employee" not in offered(path)
    browser.submit(f"{path}/terminate", last_day_on="2026-06-10", termination_on="", reason="Resignation")
    assert "Stays after all" in offered(path) and "Leaves" not in offered(path)
    browser.submit("/advance", days="1")
    assert offered(path) == ["New name or address", "New title", "Hire again", "Erase the record"]
    browser.submit(f"{path}/rehire", hire_on="2026-06-20")
    browser.submit(f"{path}/delete", sure="1")
    assert offered(path) == []


def test_leave_begins_and_ends(browser):
    path = f"/people/workday/{NOOR}"
    assert "on leave" in browser.submit(f"{path}/start_leave", from_on="2026-06-01", until_on="")
    assert "● active" in browser.submit(f"{path}/end_leave", on="")


def test_a_contractor_becomes_an_employee_on_a_new_record(browser):
    text = browser.submit(f"/people/workday/{cast.OMAR_HADDAD.key}/convert_to_employee", on="2026-06-10")
    assert "employee in Workday" in text and cast.OMAR_HADDAD.key not in text


def test_a_vendor_is_broken_and_mended(browser):
    form = {"slow": "1.5", "rate_limited": "5", "expire_token_after": "0", "empty_shown": "1", "empty": "1"}
    assert "The switches are set." in browser.submit("/break/moodle", **form)
    assert browser.sandbox.faults.for_vendor("moodle").broken() == ["slow", "rate_limited", "expire_token_after", "empty"]
    browser.submit("/break/moodle", slow="1.5", rate_limited="3", empty_shown="1")
    page = browser.read("/break")
    assert page.xpath("//select[@name='rate_limited']/option[@selected]/text()") == ["3 more calls"]
    assert not page.xpath("//input[@name='empty'][@checked]")
    browser.submit("/break/moodle/mend")
    assert browser.sandbox.faults.for_vendor("moodle").broken() == []


def test_a_number_that_is_none_breaks_nothing(browser):
    assert browser.refused("/break/moodle", slow="a while").xpath("//*[@role='alert']")
    assert browser.sandbox.faults.for_vendor("moodle").broken() == []


def test_only_switches_that_the_emulator_knows_are_shown(browser):
    names = browser.read("/break").xpath("//form//@name")
    assert "empty" in names and "slow" in names and "manager_cycle" not in names


def test_time_does_not_go_back(browser):
    assert browser.refused("/advance", days="0").xpath("//*[@role='alert']")[0].text.startswith("Time goes forward")


def test_starting_over_wants_a_tick(browser):
    browser.submit(f"/people/workday/{NOOR}/change_title", title="Auditor")
    assert "Tick the box first" in browser.refused("/reset").xpath("//*[@role='alert']")[0].text
    assert browser.world.recent()
    assert "Nothing yet." in browser.submit("/reset", sure="1")


def test_starting_over_leaves_the_accounts_that_rollcall_knows_by_their_ids(browser):
    moodle = browser.sandbox.emulators["moodle"]
    before = moodle.state()["users"]
    moodle.store.run("UPDATE user SET suspended = 1 WHERE id = 2")
    told = browser.submit("/reset", sure="1")
    assert "The date and the accounts in Moodle stay." in told
    assert moodle.state()["users"] == before and moodle.store.row("SELECT suspended FROM user WHERE id = 2")["suspended"] == 1
    browser.sandbox.reset()
    assert moodle.store.row("SELECT suspended FROM user WHERE id = 2")["suspended"] == 0, "the control door still forgets everything"


def test_erasing_wants_a_tick(browser):
    browser.refused(f"/people/workday/{NOOR}/delete")
    assert not browser.world.worker("workday", NOOR).deleted


def test_moodles_accounts_are_listed_with_their_state(browser):
    text = browser.text("/accounts?q=ana.ruiz")
    assert "10003" in text and "suspended" in text and "Jane Doe" not in text


def test_lists_are_paged(browser):
    page = browser.read("/people?hr=csv")
    assert len(page.xpath("//tbody/tr")) == 25
    later = page.xpath("//a[text()='Later']/@href")[0]
    assert browser.read(later).xpath("//a[text()='Earlier']")
    assert not browser.read(later).xpath("//a[text()='Later']")


def test_people_of_a_huge_company_are_found_by_number_without_walking_all():
    world = World(size=400_000, today=DEFAULT_TODAY, now=Clock(DEFAULT_TODAY))
    last = next(world.workers("workday", 299_999))
    assert [worker.key for worker in world.find("workday", last.employee_number)] == [last.key]


def test_a_method_nobody_expects_is_refused(browser):
    assert browser.ask("DELETE", "/").status == 405


def test_markup_escapes_and_leaves_out():
    element = e("a", "x < y", None, ["&", 1], e("b", "bold"), href='"', title=None, hidden=True, class_="c", aria_label="l")
    assert element == '<a href="&quot;" hidden class="c" aria-label="l">x &lt; y&amp;1<b>bold</b></a>'


def test_haruto_leaves_as_the_days_go_by(browser):
    path = f"/people/workday/{cast.HARUTO_SATO.key}"
    assert "● active" in browser.text(path)
    browser.submit("/advance", days="2")
    assert "● left" in browser.text(path)
    assert browser.world.today() == DEFAULT_TODAY + timedelta(days=2)


def test_how_long_a_call_took_is_written_as_the_reader_writes_numbers() -> None:
    call = {"at": "2026-11-27T19:48:01.123456", "method": "GET", "path": "/workers", "note": "", "status": 200, "ms": 17.8}
    with translation.override("de"):
        assert "17,8 ms" in str(_calls("workday", [call]))
