"""Every text that can be translated, found in code and templates without gettext's tools; and a reader of .po files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

PACKAGES = ("config", "integrations", "identity", "syncjobs")
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}

Key = tuple[str, str]  # (context, English); context empty for most
IN_PO = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[\d\])? )?(".*")')


def in_code() -> Iterator[Key]:
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            yield from _in_python(path.read_text(encoding="utf-8"))


def in_templates() -> Iterator[Key]:
    """Django rewrites a template so that its texts read as calls; what stands between is noise, so each call is read alone."""
    call = re.compile(r"""\b(_|n?gettext|pgettext)\(((?:\s*u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")\s*,?){1,3})""")
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.html")):
        for name, arguments in call.findall(templatize(path.read_text(encoding="utf-8"), origin=str(path))):
            yield from _in_python(f"{name}({arguments.rstrip().rstrip(',')})")


def _in_python(source: str) -> Iterator[Key]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            said = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if node.func.id in PLAIN | PLURAL and said:
                yield "", said[0]
            elif node.func.id in IN_CONTEXT and len(said) > 1:
                yield said[0], said[1]


def in_po(path: Path) -> dict[Key, tuple[str, str, list[str]]]:
    """(context, English) → English, its plural, the translations; without the header. Refuses fuzzy and obsolete entries."""
    found = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        assert not re.search(r"^#(, .*fuzzy|~)", block, re.MULTILINE), block
        parts: dict[str, list[str]] = {"msgctxt": [], "msgid": [], "msgid_plural": [], "msgstr": []}
        for keyword, text in IN_PO.findall("\n".join(line for line in block.splitlines() if not line.startswith("#"))):
            if keyword:
                parts[keyword].append("")
                last = keyword
            parts[last][-1] += ast.literal_eval(text)
        context, english, plural = ("".join(parts[name]) for name in ("msgctxt", "msgid", "msgid_plural"))
        if english:
            found[context, english] = (english, plural, parts["msgstr"])
    return found
