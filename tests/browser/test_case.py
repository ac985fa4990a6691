"""A question in a real browser: sides that fold, keys that press, and an answer without scripts on a phone."""

from __future__ import annotations

import pytest

from identity.cases.models import Case
from tests.browser.checks import (
    assert_axe_clean,
    assert_focus_is_never_hidden,
    assert_no_sideways_scrolling,
    assert_quiet,
    assert_targets_are_large_enough,
)
from tests.browser.visitor import NARROW, WIDE
from tests.rows import a_case, a_connector, a_person, a_record


@pytest.fixture
def case(transactional_db):
    person = a_person(1, given_name="Sofia")
    kept = a_record(a_connector("bamboohr"), "b9", {"given_name": "Stellan", "family_name": "Family1", "job_title": "Analyst"})
    return a_case(kept, person)


@pytest.mark.parametrize("path", ["/admin/decisions/", "/admin/decisions/{}/", "/admin/decisions/{}/later/"])
@pytest.mark.parametrize(("width", "theme"), [(WIDE, "light"), (NARROW, "dark")])
def test_pages_are_accessible_quiet_and_fit(visit, case, path, width, theme):
    visitor = visit("L&D admin", width=width, theme=theme)
    page = visitor.open(path.format(case.pk))
    assert_quiet(visitor)
    assert_axe_clean(page, "best-practice")
    assert_no_sideways_scrolling(page)
    assert_targets_are_large_enough(page)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_equal_rows_are_folded_away_until_asked_for(visit, case, width):
    page = visit("L&D admin", width=width).open(f"/admin/decisions/{case.pk}/")
    assert page.locator("tr.rc-equal").first.is_hidden()
    page.locator(".rc-show-equal").check()
    assert page.locator("tr.rc-equal").first.is_visible()


def test_the_bar_never_hides_what_has_the_focus(visit, case):
    assert_focus_is_never_hidden(visit("L&D admin", width=NARROW).open(f"/admin/decisions/{case.pk}/"), steps=30)


def test_a_key_asks_for_the_reason_and_then_answers(visit, case):
    page = visit("L&D admin").open(f"/admin/decisions/{case.pk}/")
    page.keyboard.press("m")
    assert page.evaluate("document.activeElement.name") == "reason"
    page.keyboard.type("spoke to her")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/decisions/")
    assert Case.objects.get(pk=case.pk).state == "linked"


def test_enter_after_somebody_new_answers_somebody_new(visit, case):
    page = visit("L&D admin").open(f"/admin/decisions/{case.pk}/")
    page.keyboard.press("n")
    page.keyboard.type("two people")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/decisions/")
    assert Case.objects.get(pk=case.pk).state == "kept_separate"


def test_enter_after_a_button_pressed_too_early_gives_the_answer_of_that_button(visit, case):
    page = visit("L&D admin").open(f"/admin/decisions/{case.pk}/")
    page.get_by_role("button", name="Somebody new").click()
    page.keyboard.type("two people")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/decisions/")
    assert Case.objects.get(pk=case.pk).state == "kept_separate"


@pytest.mark.parametrize("scripts", [True, False])
def test_enter_before_anything_is_chosen_answers_nothing(visit, case, scripts):
    page = visit("L&D admin", scripts=scripts).open(f"/admin/decisions/{case.pk}/")
    reason = page.get_by_label("Reason, for whoever asks later")
    reason.fill("spoke to her")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    reason.press("Enter")
    reason.press("Tab")
    assert "POST" not in sent
    assert Case.objects.get(pk=case.pk).state == "open"


def test_on_a_phone_and_without_scripts_a_question_is_answered(visit, case):
    page = visit("L&D admin", width=NARROW, scripts=False).open(f"/admin/decisions/{case.pk}/")
    page.get_by_label("Reason, for whoever asks later").fill("two people")
    page.get_by_role("button", name="Somebody new").click()
    assert "Answered" in page.locator("body").inner_text()
    assert Case.objects.get(pk=case.pk).state == "kept_separate"
