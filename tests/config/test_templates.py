"""All templates: nothing inline that the policy would block, no text that cannot be translated, tokens only in the style sheet."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
CSS = (settings.BASE_DIR / "config/static/rollcall/rollcall.css").read_text(encoding="utf-8")
NOT_TRANSLATED = {"parts_page.html"}  # invented values; nobody works with them
NAMES = {"Rollcall", "Tab", "Enter", "ms"}  # stay what they are in every language

NOT_TEXT = re.compile(
    r"{% *comment.*?endcomment *%}|{% *blocktranslate.*?endblocktranslate *%}|{% *block bodyclass.*?endblock *%}|{#.*?#}|{%.*?%}|{{.*?}}"
    r"|<(script|svg|style)\b.*?</\1>|<!--.*?-->|<(?:span|code) class=\"[^\"]*rc-mono[^\"]*\">[^<]*",  # code is the same in every language
    re.DOTALL,
)
READ_OUT = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"{]*)"')
WORD = re.compile(r"[^\W\d_]{2,}")


def words(text):
    return [word for word in WORD.findall(text) if word not in NAMES]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates")))
def test_a_template_has_nothing_inline(path):
    source = path.read_text(encoding="utf-8")
    assert not re.search(r'\sstyle="|<style|\son[a-z]+="|javascript:', source)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source))


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.name not in NOT_TRANSLATED], ids=lambda path: path.name)
def test_every_text_can_be_translated(path):
    source = path.read_text(encoding="utf-8")
    bare = NOT_TEXT.sub(" ", source)
    assert not words(re.sub(r"<[^>]*>|&[a-z#0-9]+;", " ", bare))
    assert not [text for text in READ_OUT.findall(source) if words(text)]


def test_colours_are_named_once_and_used_by_name():
    tokens, _, rest = CSS.partition("/* Django admin reads these names")
    assert len(re.findall(r"#[0-9a-f]{3,6}\b", tokens)) > 40
    assert set(re.findall(r"#[0-9a-fA-F]{3,6}\b(?=[\s;,)])", rest)) <= {"#fff"}  # paper is white


def test_every_colour_has_a_light_and_a_dark_side():
    tokens = CSS.partition("/* Django admin reads these names")[0]
    named = re.findall(r"--[a-z0-9-]+: ([^;]*#[^;]*);", tokens)
    assert named and all(value.startswith("light-dark(") for value in named)


def test_the_style_sheet_turns_with_the_direction_of_writing():
    ours = CSS.partition("/* ── Django's own screens")[0]
    assert not re.findall(
        r"(?<![a-z-])(?:margin|padding|border)-(?:left|right)\b|(?<![a-z-])(?:left|right):|text-align: (?:left|right)", ours
    )
