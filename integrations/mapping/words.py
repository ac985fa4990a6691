"""What is done to names and other words. Every function takes text and answers text, and refuses none. Plain Python."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

from integrations.mapping.text import within

INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff"  # zero-width marks that copies from web pages and right-to-left forms leave behind
SPACES = " \t\n\r\x0b\x0c\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
APOSTROPHES = "'’ʼ`´"
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LONGEST_LOCAL = 64  # RFC 5321 §4.5.3.1.1: characters before the @

_outer = INVISIBLE + SPACES
_no_apostrophes = str.maketrans("", "", APOSTROPHES)


def trim(text: str) -> str:
    """Without spaces and invisible marks around it; several spaces inside become one."""
    text = text.strip(_outer)
    return " ".join(text.split()) if "  " in text or "\u00a0" in text else text


def title(text: str) -> str:
    """Each word begins with a capital: “ANNE-MARIE O'NEIL” → “Anne-Marie O'Neil”."""
    return WORD.sub(_capital, text.lower())


def _capital(found: re.Match[str]) -> str:
    word = found.group()
    if len(word) > 3 and word[1] in APOSTROPHES:  # O'Neil, d'Arcy
        return word[:2].upper() + word[2:3].upper() + word[3:]
    return word[:1].upper() + word[1:]


def digits(text: str) -> str:
    """Only its digits, whatever script they are written in: “+49 (0)30-90” → “4903090”."""
    return "".join(str(unicodedata.decimal(c)) for c in text if c.isdecimal())


def strip_accents(text: str) -> str:
    """“José Núñez” → “Jose Nunez”. Letters that are not an accent away from a plain one (ø, ß) stay: “ascii” changes those too."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)))


def ascii_only(text: str) -> str:
    """In plain Latin letters: “Łódź” → “Lodz”, “Straße” → “Strasse”, “東京” → “DongJing”."""
    if text.isascii():
        return text
    within(len(text) * 4)
    return anyascii(text)


def slug(text: str) -> str:
    """Small plain letters and digits with hyphens between: “R & D, Berlin” → “r-d-berlin”."""
    return re.sub(r"[^a-z0-9]+", "-", ascii_only(text).lower()).strip("-")


def local_part(text: str, between: str = ".") -> str:
    """What could stand before the @: “Renée O'Hara van den Berg” → “renee.ohara.van.den.berg”; empty where nothing is left.

    Apostrophes go, spaces become `between`, hyphens stay, whatever else may not stand there goes.
    """
    plain = ascii_only(text.translate(_no_apostrophes)).lower().translate(_no_apostrophes)
    kept = re.sub(r"[^a-z0-9._-]+", "", re.sub(r"[\s/,;&+]+", between, plain.strip()))
    return re.sub(r"\.{2,}", ".", kept).strip(".-_")[:LONGEST_LOCAL].rstrip(".-_")
