"""Tell people once. What is still so counts up silently; what is over closes by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from config import clock
from config.notices.mail import send_notice
from config.notices.models import Notice, Severity
from config.sentences import LONGEST, Sentence

NOTHING = Sentence("")


def notify(
    key: str,
    severity: Severity | str,
    title: Sentence,
    body: Sentence = NOTHING,
    next_step: Sentence = NOTHING,
    link: str = "",
    owner: str = "",
) -> Notice:
    """The open notice for `key`: a new one, or the old one with a higher count and the newest words.

    A new one is mailed once, after commit, to the roles that own it (`it`, `lnd`, `source`, `approver`; empty = both that run
    Rollcall). Mail that fails stays waiting (config/notices/mail.py) and never raises here.
    """
    said = {
        "severity": Severity(severity),
        "title": title[:LONGEST],
        "body": body,
        "next_step": next_step,
        "link": link[:300],
        "owner": owner,
    }
    now = clock.now()
    if not _again(key, said, now):
        _open(key, said, now)
    notice = Notice.objects.filter(key=key).latest("pk")  # closed already, if somebody was very quick
    if notice.mailed_at is None:
        transaction.on_commit(lambda: send_notice(notice.pk), robust=True)
    return notice


def _again(key: str, said: dict[str, str], now: datetime) -> bool:
    return Notice.objects.filter(key=key, closed_at=None).update(count=F("count") + 1, last_at=now, **said) > 0


def _open(key: str, said: dict[str, str], now: datetime) -> None:
    try:
        with transaction.atomic():
            Notice.objects.create(key=key, first_at=now, last_at=now, **said)
    except IntegrityError:  # somebody opened it in the same instant
        _again(key, said, now)


def close(key: str) -> int:
    """The situation is over. 0 when it was not open."""
    return Notice.objects.filter(key=key, closed_at=None).update(closed_at=clock.now())
