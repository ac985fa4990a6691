"""One mail per notice and language, to the people whose work it is. A mail server that is down delays the mail, nothing else."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _

from config import clock
from config.notices.models import Notice
from config.roles.catalogue import IT, LND, ROLES_OF_OWNER
from config.roles.models import User
from config.say import language_of, said, without_answers

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5  # a request may be waiting for this
QUIET_SECONDS = 60.0  # after a failure this process leaves mail alone, so that a dead mail server costs five seconds a minute
GIVE_UP_AFTER = timedelta(hours=24)  # older news is read on the screen
_quiet_until = 0.0


def recipients(owner: str) -> dict[str, list[str]]:
    """Language → addresses of the active members of the owning roles; without an owner, of both roles that run Rollcall.

    Who chose no language is written to in the installation's own.
    """
    roles = ROLES_OF_OWNER.get(owner, (LND.name, IT.name))
    members = User.objects.filter(is_active=True, groups__name__in=roles).exclude(email="")
    found: dict[str, set[str]] = {}
    for address, language in members.values_list("email", "language"):
        found.setdefault(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE, set()).add(address)
    return {language: sorted(addresses) for language, addresses in sorted(found.items())}


def send_notice(pk: int) -> bool:
    """Mail this notice unless it was mailed already; False when it was not sent now. Never raises.

    Whoever sets `mailed_at` sends, so two processes send one mail. A failure gives it back for `send_waiting`.
    """
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return False
    try:
        return _claim_and_send(Notice.objects.get(pk=pk))
    except Exception:
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.exception("a notice could not be mailed")
        return False


def _claim_and_send(notice: Notice) -> bool:
    by_language = recipients(notice.owner)
    mine = Notice.objects.filter(pk=notice.pk, mailed_at=None)
    if not by_language or not mine.update(mailed_at=clock.now()):
        return False
    try:
        get_connection(timeout=TIMEOUT_SECONDS).send_messages([_mail(notice, *group) for group in by_language.items()])
    except Exception:
        Notice.objects.filter(pk=notice.pk).update(mailed_at=None)
        raise
    return True


def _mail(notice: Notice, language: str, addresses: list[str]) -> EmailMessage:
    with language_of(language):
        subject = " ".join(f"[Rollcall] {said(notice.title)}".split())
        return EmailMessage(subject, text_of(notice), settings.DEFAULT_FROM_EMAIL, bcc=addresses)


def text_of(notice: Notice) -> str:
    """What happened, what to do, where, in the active language. Plain text, and no words of another system: mail is read anywhere."""
    link = f"{settings.PUBLIC_URL.rstrip('/')}{notice.link}" if notice.link.startswith("/") else notice.link
    step = _("Next step: %(step)s") % {"step": said(notice.next_step)} if notice.next_step else ""
    parts = [said(notice.title), without_answers(notice.body), step, link]
    return "\n\n".join(part for part in parts if part) + "\n"


def send_waiting(limit: int = 20) -> int:
    """Mail what could not be mailed when it happened. Called by the worker's own pulse, about once a minute."""
    since = clock.now() - GIVE_UP_AFTER
    waiting = Notice.objects.filter(mailed_at=None, closed_at=None, first_at__gte=since).order_by("pk").values_list("pk", flat=True)
    return sum(send_notice(pk) for pk in waiting[:limit])
