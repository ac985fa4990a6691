"""What carries messages and what keeps secrets: broker, cache, doorbell, key ring."""

from __future__ import annotations

from collections import Counter

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import bell
from config.health.parts import examine
from config.key_rotation import OLDER, UNREADABLE, count_by_key
from config.system.lines import Line


def safety() -> list[Line]:
    """Broker and cache are tried for real, for two seconds at most; no other system is called."""
    works = {part.name: part.works for part in examine(exclude=("database", "migrations"))}
    return [broker(works["broker"]), doorbell(), cache(works["cache"]), *key_ring(works["keys"])]


def broker(works: bool) -> Line:
    kind = "Redis" if settings.REDIS_URL else _("files in the data folder")
    if not works:
        next_step = _("IT: check REDIS_URL, or that the data folder can be written. Work goes on without it, a second later.")
        return Line(_("Broker"), kind, "bad", _("does not answer"), next_step)
    if settings.PRODUCTION and not settings.REDIS_URL:
        return Line(_("Broker"), kind, "warn", next_step=_("IT: set REDIS_URL; the file broker serves one machine."))
    return Line(_("Broker"), kind, note=_("answers"))


def doorbell() -> Line:
    """Of the web process that made this page: others count for themselves."""
    note = _("messages that could not be sent by this web process since it started; work was found without them")
    return Line(_("Lost doorbells"), str(bell.failures), "warn" if bell.failures else "", note)


def cache(works: bool) -> Line:
    kind = "Redis" if settings.REDIS_URL else _("memory of each process")
    if works:
        return Line(_("Cache"), kind)
    return Line(_("Cache"), kind, "warn", _("does not answer"), _("IT: check REDIS_URL. Pages are slower until then."))


def key_ring(works: bool) -> list[Line]:
    keys = len(settings.FIELD_KEYS)
    says = ngettext("%(n)s key", "%(n)s keys", keys) % {"n": keys}
    if not works:
        return [Line(_("Key ring"), says, "bad", _("cannot be used"), _("IT: check ROLLCALL_FIELD_KEYS; “manage.py doctor” says more."))]
    return [Line(_("Key ring"), says), secrets()]


def secrets() -> Line:
    """How many stored secrets are under which key. One query a column that holds secrets; each is opened in memory."""
    found: Counter[str] = sum(count_by_key().values(), Counter())
    total = sum(found.values())
    says = ngettext("%(n)s secret", "%(n)s secrets", total) % {"n": total}
    if found[UNREADABLE]:
        said = _("%(n)s open with no key") % {"n": found[UNREADABLE]}
        next_step = _("IT: put the missing key back into ROLLCALL_FIELD_KEYS, or enter these secrets again at their connectors.")
        return Line(_("Stored secrets"), f"{says}, {said}", "bad", next_step=next_step)
    if found[OLDER]:
        said = _("%(n)s under an older key") % {"n": found[OLDER]}
        return Line(_("Stored secrets"), f"{says}, {said}", "warn", next_step=_("IT: run “manage.py rotate_secrets”."))
    return Line(_("Stored secrets"), says, note=_("all under the newest key") if total else "")
