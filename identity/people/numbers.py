"""Person numbers, given out in blocks: each once, never again. Gaps are harmless (a plan that lapsed leaves one)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from identity.people.models import PersonNumber


def reserve(count: int) -> list[int]:
    """`count` new numbers. Takes a row lock until the caller's transaction ends."""
    if count == 0:
        return []
    with transaction.atomic():
        PersonNumber.objects.get_or_create(pk=1)
        PersonNumber.objects.filter(pk=1).update(last=F("last") + count)
        last = PersonNumber.objects.values_list("last", flat=True).get(pk=1)
    return list(range(last - count + 1, last + 1))
