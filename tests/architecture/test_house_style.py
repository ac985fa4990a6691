"""Rules of the house that a machine can see."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import APPS, ROOT, python_files, tracked

# A handler, a style or a script in the page itself: the content policy would block it.
INLINE = re.compile(r"<style[\s>]|<script(?![^>]*\ssrc=)[^>]*>|\sstyle=|\son[a-z]+=[\"']|javascript:", re.I)
DATA_SCRIPT = re.compile(r"<script[^>]*type=[\"']application/(ld\+)?json[\"']", re.I)
# An assert, one hidden in a helper by its name, or something that fails by itself: waiting for a page, a check that raises, a
# property that says “nothing comes out of this but errors of ours”.
PROVES = r"assert|raises|expect|must_|wait_for_|check_|@given"
PROVEN_BY_THE_CALL = {"test_every_path_of_the_page_can_be_read"}  # reading raises what is wrong with the path
HOMELESS = {"utils.py", "helpers.py", "common.py", "misc.py", "services.py"}


def test_no_template_holds_a_style_a_script_or_a_handler() -> None:
    for name in tracked():
        if name.endswith((".html", ".svg")) and not name.startswith("docs/"):
            for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
                assert DATA_SCRIPT.search(line) or not INLINE.search(line), f"{name}:{number}: {line.strip()}"


def test_nothing_is_left_for_later() -> None:
    left = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
    for name, _ in python_files(*APPS):
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
            assert not left.search(line), f"{name}:{number}: {line.strip()}"


def test_no_file_is_a_home_for_the_homeless() -> None:
    assert [name for name in tracked() if name.rpartition("/")[2] in HOMELESS] == []


def calls(tree: ast.Module) -> set[str]:
    """Dotted names of everything that is called or used as a decorator."""
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name)}


def test_no_test_sleeps_or_is_skipped() -> None:
    for name, tree in python_files("tests"):
        used = calls(tree)
        for forbidden in ("time.sleep", "pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail", "pytest.xfail"):
            assert forbidden not in used, f"{name} uses {forbidden}"


def test_every_test_asserts_something() -> None:
    silent = []
    for name, tree in python_files("tests"):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.name not in PROVEN_BY_THE_CALL:
                body = ast.unparse(node)
                if not re.search(PROVES, body):
                    silent.append(f"{name}:{node.lineno} {node.name}")

    assert silent == []


def test_only_the_clock_reads_the_clock() -> None:
    """Rules get the instant as a value; sandbox and wire may not import Django and take a clock as a parameter."""
    reading = re.compile(r"\b(datetime|date)\.(now|today|utcnow)\(|timezone\.now\(")
    allowed = ("config/clock.py", "integrations/sandbox/", "integrations/wire/")
    for name, _ in python_files(*APPS):
        if name.startswith(allowed) or "/migrations/" in name:
            continue
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
            assert not reading.search(line), f"{name}:{number}: {line.strip()}"
