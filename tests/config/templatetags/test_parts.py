"""The larger parts: what they make of the values a page hands over."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils import translation

from config.parts.shapes import Button, Chip, Column, CompareRow, Example, Filter, Need, PlanGroup, Weight
from config.templatetags.parts import strip


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def draw(tag, **values):
    return Template("{% load parts %}{% " + tag + " %}").render(Context(values))


def test_nothing_to_do_says_so_instead_of_an_empty_list():
    assert "Nothing needs you" in draw("needs items", items=())


def test_the_button_of_a_need_says_what_it_is_for():
    html = draw("needs items", items=[Need(Chip("held"), "212 people", button="Review plan", href="/x/")])
    assert 'Review plan<span class="rc-hidden">: 212 people</span>' in html


def test_a_plan_counts_people_and_shows_that_examples_are_not_all():
    html = draw("plan groups", groups=[PlanGroup("update", "title changed", 1204, (Example("Noor", "/p/1/", "A", "B"),), "/plan/")])
    assert "1,204" in html
    assert "</ins></span>…" in html


def test_examples_that_are_all_end_without_dots():
    assert "…" not in draw("plan groups", groups=[PlanGroup("skip", "in grace", 1, (Example("Ana"),))])


def test_a_plan_without_changes_says_that_everybody_agrees():
    assert "Nothing would change" in draw("plan groups", groups=())


def test_evidence_grows_from_the_middle_to_the_side_it_speaks_for():
    html = draw("evidence weights", weights=[Weight("same phone", 25), Weight("common name", -10)])
    assert 'x="50%" y="0" width="25%"' in html
    assert 'x="40%" y="0" width="10%"' in html
    assert "+25" in html and "−10" in html


def test_evidence_never_leaves_its_bar():
    assert 'width="50%"' in draw("evidence weights", weights=[Weight("same number", 95)])


def test_evidence_without_points_shows_only_its_direction():
    html = draw("evidence weights", weights=[Weight("same e-mail"), Weight("other number", speaks_for=False)])
    assert html.index("speaks for: ") < html.index("same e-mail") < html.index("speaks against: ") < html.index("other number")
    assert "rc-bar-for" not in html and "<svg" not in html, "a bar of a made-up length"


COLUMNS = (Column("workday", "Workday"), Column("bamboohr", "BambooHR"))


def test_a_comparison_preselects_the_choice_of_the_rule_in_the_form_of_the_bar():
    html = draw("compare columns rows", columns=COLUMNS, rows=[CompareRow("Name", ("Ana", "Anna"), chosen="workday", name="given")])
    assert 'value="workday" form="decide" checked' in html
    assert 'value="bamboohr" form="decide">' in html


def test_a_side_that_holds_no_value_offers_none():
    html = draw("compare columns rows", columns=COLUMNS, rows=[CompareRow("Birth date", ("1988", None), name="birth")])
    assert html.count('type="radio"') == 1
    assert "not held" in html


def test_a_row_with_a_missing_side_is_a_mistake():
    with pytest.raises(ValueError):
        draw("compare columns rows", columns=COLUMNS, rows=[CompareRow("Name", ("Ana",))])


def test_the_bar_asks_for_a_reason_and_names_its_buttons():
    html = draw("decision_bar buttons", buttons=[Button("Merge", "merge", "go", "M")], csrf_token="abc")
    assert 'name="reason"' in html and " required" in html
    assert 'name="answer" value="merge" data-key="m"' in html
    assert "csrfmiddlewaretoken" in html


def test_enter_chooses_nothing_where_there_is_a_choice():
    one, two = [Button("Merge", "merge"), Button("Back", href="/")], [Button("Same", "same"), Button("Other", "other")]
    assert "disabled" not in draw("decision_bar buttons", buttons=one)
    html = draw("decision_bar buttons", buttons=two)
    assert html.index("<button hidden disabled") < html.index('value="same"'), "the browser presses the first button"


def test_the_strip_tells_in_words_what_it_shows_in_bars():
    html = strip(["succeeded", "succeeded", "failed", ""])
    assert 'aria-label="last 4 runs: 2 succeeded, 1 failed"' in html
    heights = [piece.split('height="')[1].split('"')[0] for piece in html.split("<rect")[1:]]
    assert heights == ["18", "18", "9", "4"]


def test_progress_polls_only_when_told_and_says_refresh_without_scripts():
    still = draw("progress 3 10 'Reading'")
    assert "hx-get" not in still
    polled = draw("progress 3 10 'Reading' poll='/run/1/progress/'")
    assert 'hx-get="/run/1/progress/" hx-trigger="every 2s"' in polled
    assert '<noscript><a href="/run/1/progress/">Refresh</a></noscript>' in polled
    assert ">30 %</progress>" in polled


def test_a_set_filter_can_be_cleared():
    choices = (("", "all"), ("held", "held"))
    assert "clear" not in draw("filters fields", fields=[Filter("phase", "State", "", choices)])
    html = draw("filters fields", fields=[Filter("phase", "State", "held", choices)])
    assert "clear" in html
    assert '<option value="held" selected>' in html


def test_an_announcement_fills_the_live_region_of_the_page():
    assert draw("announce 'Applying'") == '<p id="live" class="rc-hidden" role="status" hx-swap-oob="innerHTML">Applying</p>'
