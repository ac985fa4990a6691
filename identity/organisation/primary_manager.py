"""Several managers, exactly one for the LMS (R28). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.sentences import Sentence, sentence
from identity.organisation.lines import line_word
from integrations.canonical import LINE_TYPES

Line = Mapping[str, str]


@dataclass(frozen=True)
class Primary:
    """The position of the primary line in the list, or None, and why. `tie`: keys of managers between whom a person must choose."""

    index: int | None
    why: Sentence
    tie: tuple[str, ...] = ()


def pick(lines: Sequence[Line], current: str = "", order: Sequence[str] = LINE_TYPES, chosen: str = "") -> Primary:
    """The line whose type comes first in `order`. Two managers of that type are a tie: the current primary stays if it is one of them.

    `chosen` is the key of the manager a person of staff named; while it is one of the tied, there is no tie.
    """
    if not lines:
        return Primary(None, sentence("no manager at the source"))
    rank = {name: place for place, name in enumerate(order)}
    best = min(rank.get(line.get("type", "other"), len(rank)) for line in lines)
    top = [index for index, line in enumerate(lines) if rank.get(line.get("type", "other"), len(rank)) == best]
    line = line_word(lines[top[0]].get("type", "other"))
    managers = {lines[index]["manager"] for index in top}
    if len(managers) == 1:
        return Primary(top[0], line if len(lines) == 1 else sentence("%(line)s comes first", line=line))
    for index in top:
        if lines[index]["manager"] == chosen:
            return Primary(index, sentence("somebody decided between the managers"))
    for index in top:
        if lines[index]["manager"] == current:
            return Primary(index, sentence("more than one %(line)s; kept until somebody decides", line=line), tuple(sorted(managers)))
    return Primary(None, sentence("more than one %(line)s; somebody has to decide", line=line), tuple(sorted(managers)))
