"""Kept sentences (config/sentences.py) in the language that is active: the reader's on a page, the recipient's in a mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from django.conf import settings
from django.utils import formats, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.errors import RollcallError
from config.sentences import Sentence, Tongue, message_of, say


def said(stored: str | Promise) -> str:
    """In words. What is no sentence (a reason somebody typed, another system's answer) comes back as it is."""
    return say(str(stored), READER)


def hiding_days(stored: str, dots: str) -> str:
    """The same for a reader who may not see days: written out in words, nothing would know them again."""
    return say(stored, replace(READER, day=lambda _day: dots))


def is_ours(stored: str) -> bool:
    """Whether this text was made by `sentence`: anything else was said by another system, or by an older version."""
    from config.translatable import MESSAGES  # written by a command, which must start without it

    return message_of(stored) in MESSAGES


THEIR_WORDS = gettext_lazy("The other system's own words may name people; they are shown to roles that see personal data.")


def without_answers(stored: str, *, day: Callable[[date], str] | None = None) -> str:
    """The same without any words of another system, for whom they are not meant, and for what leaves the house."""
    if not stored:
        return ""
    if not is_ours(stored):
        return str(THEIR_WORDS)
    return say(stored, replace(READER, day=day or READER.day, answer=lambda _words: str(THEIR_WORDS)))


def told(error: RollcallError, about: str | None = None) -> str:
    """An error as people read it: what happened, what about (as this reader may see it, where that is given), and the next step."""
    detail = (said(error.detail) if about is None else about).strip().rstrip(".")
    parts = (_(error.sentence), f"{detail[:1].upper()}{detail[1:]}." if detail else "", said_if(error.next_step))
    return " ".join(part for part in parts if part)


def said_if(text: str) -> str:
    """gettext answers the empty text with its own header."""
    return _(text) if text else ""


def neutral(text: str | Promise) -> Sentence:
    """A translatable text as a sentence that can be kept: its message, whatever language is active."""
    with translation.override(None):
        return Sentence(text)


@contextmanager
def language_of(code: str) -> Iterator[None]:
    """Speak this language meanwhile; the installation's own where there is no such one."""
    with translation.override(code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        yield


def spoken(pieces: Iterator[str]) -> Iterator[str]:
    """A streamed answer in the language of the request: it is made after the request's own language has been put away."""
    language = translation.get_language() or settings.LANGUAGE_CODE

    def said_piece() -> str | None:
        with translation.override(language):
            return next(pieces, None)

    return (piece for piece in iter(said_piece, None) if piece is not None)


def listed(items: Sequence[str]) -> str:
    """a, b and c"""
    if len(items) < 2:
        return "".join(items)
    return _("%(most)s and %(last)s") % {"most": ", ".join(items[:-1]), "last": items[-1]}


def _share(share: float) -> str:
    per_cent = round(share * 100, 1)
    return f"{formats.number_format(per_cent, decimal_pos=0 if per_cent == int(per_cent) else 1)} %"


READER = Tongue(
    message=said_if,
    counted=ngettext,
    number=lambda n: str(formats.number_format(n, force_grouping=True)),
    share=_share,
    day=lambda day: str(formats.date_format(day, _("j F Y"))),
    listed=listed,
)
