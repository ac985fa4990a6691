"""What the kinds of objects in the trail are called."""

from __future__ import annotations

from collections.abc import Mapping

from config.sentences import Sentence, sentence

KINDS: Mapping[str, Sentence] = {
    "account": sentence("account"),
    "audit": sentence("audit trail"),
    "blackout": sentence("blackout window"),
    "bundle": sentence("bundle"),
    "case": sentence("question"),
    "connector": sentence("connector"),
    "delivery": sentence("delivery"),
    "group": sentence("role"),
    "installation": sentence("installation"),
    "mapping": sentence("mapping"),
    "person": sentence("person"),
    "plan": sentence("plan"),
    "run": sentence("run"),
    "syncschedule": sentence("schedule"),
    "unmapped_value": sentence("code without a name"),
    "user": sentence("staff login"),
    "value_map": sentence("value map"),
}


def kind_word(object_type: str) -> Sentence:
    """The word for a kind of object; a kind nobody named (newer data, older code) as it is stored."""
    return KINDS.get(object_type) or Sentence(object_type.replace("_", " "))
