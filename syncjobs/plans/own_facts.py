"""What changes in our own facts about a person, as a planned change. Pure: picture in, row out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from config.sentences import Sentence, named, sentence
from identity.people.models import public_id
from syncjobs.plans.fields import changed
from syncjobs.plans.picture import Picture

Change = tuple[str, str, Sentence, dict[str, Any], dict[str, Any], dict[str, Any]]  # kind, code, reason, before, after, extra


def own_change(picture: Picture) -> Change | None:
    """None when the person stays as they are. `before` and `after` hold only what differs."""
    person, values, judged = picture.person, picture.values, picture.judgement
    old = person.values if person else {}
    after = {key: value for key, value in values.items() if old.get(key) != value}
    after.update({key: None for key in old if key not in values})
    before = {key: old[key] for key in after if key in old}
    if person is None:
        return "create", "first_seen", named("first seen in %(name)s", picture.choice.lead.connector_name), {}, after, _extra(picture)
    if person.standing != judged.standing:
        before["standing"], after["standing"] = person.standing, judged.standing
    if person.manager_id != picture.manager_id:
        before["manager"], after["manager"] = _number(person.manager_id), _number(picture.manager_id)
    moves = person.next_change_at != judged.next_change_at
    if not (after or picture.new_links or moves or picture.closes_a_line):
        return None
    kind, code, reason = _reason(picture, after)
    return kind, code, reason, before, after, _extra(picture)


def _reason(picture: Picture, after: Mapping[str, Any]) -> tuple[str, str, Sentence]:
    if "standing" in after:
        return "update", f"standing:{after['standing']}", picture.judgement.why
    if picture.new_links:
        return "link", "linked", sentence("another record was joined: %(evidence)s", evidence=Sentence(picture.new_links[0][2]))
    if not after and picture.closes_a_line:
        return "update", "manager_arrived", sentence("a manager's own record has arrived")
    if not after:
        return "update", "calendar", sentence("the date of the next change moved")
    return "update", "facts", changed(tuple(sorted(after)), are_facts=True)


def _extra(picture: Picture) -> dict[str, Any]:
    """What apply writes beside the values."""
    judged = picture.judgement
    return {
        "standing": judged.standing,
        "why": judged.why,
        "next": judged.next_change_at.isoformat() if judged.next_change_at else None,
        "manager": picture.manager_id,
        "primary": picture.primary.why,
        "tie": list(picture.primary.tie),
        "lines": _lines(picture.lines),
        "links": picture.new_links,
        "sources": picture.choice.sources,
        "lead": picture.choice.lead.record_id,
    }


def _lines(lines: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """[record, type, manager's key, manager's person or None, unit, is primary] for every line of every record."""
    return [
        [
            line["record"],
            line.get("type", "other"),
            line["manager"],
            line["manager_id"],
            line.get("unit") or "",
            bool(line.get("is_primary")),
        ]
        for line in lines
    ]


def _number(person_id: int | None) -> str | None:
    return public_id(person_id) if person_id else None
