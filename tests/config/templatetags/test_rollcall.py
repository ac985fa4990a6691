"""Values in templates: numbers, spans, times and differences, as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation

from config.templatetags.rollcall import ago, breaks, chip, diff, exact, label, lasting, marked, moment, number, percent

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # ten o'clock in Berlin


@pytest.fixture(autouse=True)
def _monday_morning_in_berlin(monkeypatch):
    monkeypatch.setattr("config.clock.offset", lambda: timedelta())
    with time_machine.travel(NOW, tick=False), timezone.override("Europe/Berlin"), translation.override("en"):
        yield


def text(html):
    return html.split(">", 1)[1].rsplit("<", 1)[0]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "just now"),
        (NOW - timedelta(seconds=42), "42 s ago"),
        (NOW - timedelta(minutes=4, seconds=50), "4 min ago"),
        (NOW - timedelta(hours=3), "3 h ago"),
        (NOW - timedelta(hours=8), "today 02:00"),
        (NOW - timedelta(hours=11), "yesterday 23:00"),
        (NOW - timedelta(days=20), "3 Nov, 10:00"),
        (NOW - timedelta(days=400), "19 Oct 2025, 11:00"),
        (NOW + timedelta(minutes=59), "in 59 min"),
        (NOW + timedelta(hours=16), "tomorrow 02:00"),
        (NOW + timedelta(days=7), "30 Nov, 10:00"),
    ],
)
def test_a_time_is_told_from_now_in_the_zone_of_the_reader(at, words):
    assert text(ago(at)) == words


def test_behind_every_time_stands_the_exact_one_with_its_zone():
    html = ago(datetime(2026, 11, 23, 1, 9, 11, tzinfo=UTC))
    assert 'datetime="2026-11-23T02:09:11+01:00"' in html
    assert 'title="23 November 2026, 02:09:11 Europe/Berlin"' in html


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW - timedelta(seconds=42), "today 09:59"),
        (NOW - timedelta(hours=11), "yesterday 23:00"),
        (NOW - timedelta(days=20), "3 Nov, 10:00"),
        (NOW + timedelta(days=1), "tomorrow 10:00"),
    ],
)
def test_after_since_and_until_a_time_is_told_by_the_clock(at, words):
    assert text(moment(at)) == words
    assert 'title="' in moment(at)
    assert moment(None) == "–"


def test_the_same_instant_reads_otherwise_in_tokyo():
    with timezone.override("Asia/Tokyo"):
        assert exact(NOW) == "23 November 2026, 18:00:00 Asia/Tokyo"


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(2026, 11, 23), "today"), (date(2026, 11, 24), "tomorrow"), (date(2026, 12, 1), "1 Dec"), (date(2024, 3, 1), "1 Mar 2024")],
)
def test_a_day_stays_a_day(day, words):
    assert text(ago(day)) == words


def test_no_time_is_a_dash_or_what_the_page_says_instead():
    assert ago(None) == "–"
    assert ago(None, "never") == "never"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (0.85, "850 ms"),
        (0.9998, "1.0 s"),
        (1.42, "1.4 s"),
        (42, "42 s"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=2, hours=4), "2 d 4 h"),
        (timedelta(days=2), "2 d"),
        (None, "–"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(span, words):
    assert lasting(span) == words


def test_numbers_are_grouped_in_the_language_of_the_reader():
    assert (number(1204), number(0), number(None), percent(0.176), percent(None)) == ("1,204", "0", "–", "17.6 %", "–")
    with translation.override("de"):
        assert (number(1204), percent(0.176)) == ("1.204", "17,6 %")


def test_a_chip_has_a_sign_that_is_not_read_out_and_a_word_that_is():
    assert chip("run", "held") == '<span class="rc-chip rc-chip-hold"><span aria-hidden="true">■</span>held</span>'
    assert label("override", "warn") == '<span class="rc-chip rc-chip-warn">override</span>'


def test_a_difference_is_struck_out_and_inserted_and_says_so_to_who_cannot_see_it():
    html = diff("Analyst II", "Senior Analyst")
    assert '<del><span class="rc-hidden">was </span>Analyst II</del>' in html
    assert '<ins><span class="rc-hidden">becomes </span>Senior Analyst</ins>' in html


def test_a_side_without_a_value_is_left_out_but_zero_is_a_value():
    assert "<del>" not in diff(None, "x")
    assert "<ins>" not in diff("x", "")
    assert "<del>" in diff(0, 1)


@pytest.mark.parametrize(
    ("ours", "theirs", "shown"),
    [
        ("José", "Jose", "Jos<mark>é</mark>"),
        ("jose@meridian.example", "jose@client-company.example", "jose@<wbr><mark>meridian</mark>.example"),
        ("García-Núñez", "Garcia", "Garc<mark>í</mark>a<mark>-Núñez</mark>"),
        ("Chen Wei", "Chen Wei", "Chen Wei"),
        ("16 Sep 2016", "26 Dec 2021", "<mark>16</mark> <mark>Sep</mark> <mark>2016</mark>"),
        ("Ana", None, "Ana"),
        ("030 901820", "+49 30 901820", "<mark>030</mark> 901820"),
    ],
)
def test_what_differs_is_marked_by_word_or_by_letter_when_words_are_close(ours, theirs, shown):
    assert marked(ours, theirs) == shown


def test_whatever_comes_from_outside_is_escaped():
    hostile = "<script>alert(1)</script>"
    for html in (label(hostile), diff(hostile, hostile), marked(hostile, "x"), breaks(hostile)):
        assert "<script" not in html


def test_a_table_has_a_caption_and_a_labelled_region_that_scrolls_by_keyboard():
    html = Template("{% load rollcall %}{% table caption %}<tbody><tr><td>{{ x }}</td></tr></tbody>{% endtable %}").render(
        Context({"x": "<i>", "caption": "People & units"})
    )
    assert 'tabindex="0" role="region" aria-label="People &amp; units"' in html
    assert "<caption>People &amp; units</caption>" in html
    assert "<td>&lt;i&gt;</td>" in html


def test_a_card_has_a_heading_and_an_aside_only_when_there_is_one():
    html = Template('{% load rollcall %}{% card "Needs you" %}<p>x</p>{% endcard %}').render(Context())
    assert html == '<section class="rc-card"><header><h2>Needs you</h2></header><p>x</p></section>'
