"""What the types of reporting lines are called."""

from __future__ import annotations

from collections.abc import Mapping

from config.sentences import Sentence, sentence

WORDS: Mapping[str, Sentence] = {  # the types of integrations/canonical.py
    "primary": sentence("direct line"),
    "supervisory": sentence("supervisory line"),
    "functional": sentence("functional line"),
    "matrix": sentence("matrix line"),
    "project": sentence("project line"),
    "other": sentence("other line"),
}


def line_word(line_type: str) -> Sentence:
    return WORDS.get(line_type, WORDS["other"])
