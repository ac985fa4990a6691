"""Who can compare values that an entry only names by digest. Object type → dotted name of a chain.Checker in an upper package."""

from __future__ import annotations

from django.utils.module_loading import import_string

from config.audit.chain import Checker

CHECKERS: dict[str, str] = {"person": "syncjobs.ledger.facts.check_facts"}


def checkers() -> dict[str, Checker]:
    return {object_type: import_string(name) for object_type, name in CHECKERS.items()}
