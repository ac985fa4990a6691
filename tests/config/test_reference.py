"""Pages of docs/ that come from the code: complete, and never stale."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from jsonschema import Draft202012Validator

from config import reference
from config.errors import catalogue
from config.reference import PAGES, stale_pages, write_pages


def test_no_page_that_comes_from_the_code_is_stale():
    assert stale_pages() == []


def test_every_error_stands_on_its_page_once():
    page = reference.errors_page()
    assert [code for code in catalogue() if page.count(f"| `{code}` |") != 1] == []


def test_the_schema_of_the_bundle_is_a_schema_and_what_the_command_prints(capsys):
    written = PAGES["docs/bundle.schema.json"]()
    Draft202012Validator.check_schema(json.loads(written))
    call_command("bundle", "schema")
    assert capsys.readouterr().out == written


def test_a_stale_page_is_named_and_only_that_one_is_written(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    for name in ("docs", "config"):
        (tmp_path / name).mkdir()
    assert sorted(write_pages()) == sorted(PAGES)
    (tmp_path / "docs/errors.md").write_text("# old\n")
    assert stale_pages() == ["docs/errors.md"]
    assert write_pages() == ["docs/errors.md"]
    assert write_pages() == []


def test_checking_writes_nothing_and_ends_with_findings(settings, tmp_path, capsys):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError) as ended:
        call_command("write_docs", "--check")
    assert ended.value.returncode == 6
    assert list((tmp_path / "docs").iterdir()) == []


def test_what_errors_and_forms_say_is_there_for_translators():
    marked = reference.translatable()
    compile(marked, "translatable.py", "exec")
    assert 'gettext_noop("The other side asks us to slow down.")' in marked
    assert 'gettext_noop("Work e-mail")' in marked
