"""The transforms people can pick: name, words for the screen, a true example, and how it is made.

A row names them as "name" or "name:argument"; everything after the first colon is the argument, spaces included.
Vendors write their default mappings with these names. docs/mapping.md lists every one; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.errors import MappingInvalid
from config.sentences import sentence
from integrations.mapping import steps
from integrations.mapping.addresses import email_address
from integrations.mapping.checks import known_zone
from integrations.mapping.countries import country_code
from integrations.mapping.dates import by_format, iso_date
from integrations.mapping.steps import Maker, Step, each, item, plain
from integrations.mapping.words import ascii_only, digits, slug, strip_accents, title, trim

MOST_TRANSFORMS = 20  # in one row
LONGEST_SPEC = 200  # characters of "name:argument"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A step that needs the value maps: translate.py carries it out with the maps and the date of the run.

    `stays` answers for a value that needs no name, in the form in which it stays; None: it is looked up.
    """

    key: str
    stays: Callable[[str], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Transform:
    """One thing that can be done to a value. `example` is (value, argument, result) and true."""

    name: str
    label: str | Promise
    help: str | Promise
    make: Maker
    example: tuple[Any, str, Any]
    argument: str | Promise = ""  # what stands after the colon, in words; empty: nothing does

    @property
    def sample(self) -> str:
        return f"{self.name}:{self.example[1]}" if self.example[1] else self.name

    @property
    def before_and_after(self) -> tuple[str, str]:
        """The example as people write it: a list with strokes between its items, nothing as a dash."""
        return _written(self.example[0]), _written(self.example[2])


def _written(value: Any) -> str:
    if isinstance(value, list):
        return " | ".join(_written(one) for one in value)
    return gettext("yes") if value is True else str(value or "–")


def _lookup(argument: str) -> Any:
    key = argument.strip()
    if not key:
        raise MappingInvalid(sentence("needs the key of a value map, for instance lookup:locations"))
    return Lookup(key)


def _time_zone(argument: str) -> Any:
    key = argument.strip()
    if not key:
        raise MappingInvalid(sentence("needs the key of a value map, for instance time_zone:location-time-zone"))
    return Lookup(key, stays=known_zone)


def _or_empty(change: Any) -> Any:
    """For checks that refuse an empty text: empty stays empty."""
    return lambda text: change(text) if text and not text.isspace() else None


def _date(argument: str) -> Step:
    return each(by_format(argument) if argument else iso_date)


_VALUE_MAP = _("key of a value map")
_ALL = (
    Transform("trim", _("without spaces around"), _("Removes spaces before and after, and doubled spaces inside."),
              plain(trim), ("  Anna  Maria ", "", "Anna Maria")),
    Transform("lower", _("small letters"), _("Writes everything in small letters."),
              plain(str.lower), ("ANNA", "", "anna")),
    Transform("upper", _("capital letters"), _("Writes everything in capital letters."),
              plain(str.upper), ("de", "", "DE")),
    Transform("title", _("capital at each word"), _("For names that came in capitals."),
              plain(title), ("ANNE O'NEIL", "", "Anne O'Neil")),
    Transform("digits", _("digits only"), _("Keeps the digits, drops everything else."),
              plain(digits), ("+49 30-90", "", "493090")),
    Transform("split", _("split into a list"), _("Cuts a text at a separator."),
              steps.split, ("a; b", ";", ["a", "b"]), _("separator")),
    Transform("join", _("join a list"), _("Makes one text of a list; empty items are left out."),
              steps.join, (["a", None, "b"], ", ", "a, b"), _("what stands between")),
    Transform("first", _("first of a list"), _("Takes the first item that is not empty."),
              item(0), (["", "a", "b"], "", "a")),
    Transform("last", _("last of a list"), _("Takes the last item that is not empty."),
              item(-1), (["a", "b"], "", "b")),
    Transform("date", _("date"), _("Reads a date: year-month-day (a time after it is cut off), or the format you name."),
              _date, ("31.12.2026", "DD.MM.YYYY", "2026-12-31"), _("format, if it is not year-month-day")),
    Transform("boolean", _("yes or no"), _("Understands yes/no, true/false, 1/0, ja/nein and the like."),
              steps.boolean, ("Yes", "", True)),
    Transform("default", _("if empty, then"), _("Fills in a fixed value where there is none."),
              steps.default, ("", "Other", "Other"), _("value")),
    Transform("lookup", _("look up"), _("Translates a code with a value map; unknown codes wait in the list of unmapped values."),
              _lookup, ("BER-01", "locations", "Berlin"), _VALUE_MAP),
    Transform("time_zone", _("time zone"),
              _("Keeps the name of a time zone; anything else, such as a location, is looked up with a value map."),
              _time_zone, ("Europe/Berlin", "location-time-zone", "Europe/Berlin"), _VALUE_MAP),
    Transform("replace", _("replace"), _("Replaces one piece of text by another, wherever it stands."),
              steps.replace, ("R&D", "&| and ", "R and D"), _("old|new")),
    Transform("regex", _("take what matches"), _("Takes the part that matches a pattern (its first group in brackets, if it has one)."),
              steps.regex, ("DE-1042 Berlin", r"-(\d+)", "1042"), _("pattern")),
    Transform("prefix", _("put before"), _("Puts a text before the value, if there is one."),
              steps.prefix, ("42", "EMP-", "EMP-42"), _("text")),
    Transform("suffix", _("put after"), _("Puts a text after the value, if there is one."),
              steps.suffix, ("jane", "@meridian.example", "jane@meridian.example"), _("text")),
    Transform("ascii", _("plain Latin letters"), _("Rewrites any script in plain letters."),
              plain(ascii_only), ("Łódź", "", "Lodz")),
    Transform("strip_accents", _("without accents"), _("Removes accents and keeps the letters."),
              plain(strip_accents), ("José", "", "Jose")),
    Transform("slug", _("short form for addresses"), _("Small plain letters and digits with hyphens between."),
              plain(slug), ("R & D, Berlin", "", "r-d-berlin")),
    Transform("email", _("e-mail address"), _("Checks the form of the address and writes it in small letters."),
              plain(_or_empty(email_address)), ("Jane.Doe@Meridian.example", "", "jane.doe@meridian.example")),
    Transform("email_local", _("first part of an e-mail address"), _("Makes the part before the @ from one name or a list of names."),
              steps.email_local, (["Renée", "O'Hara"], "", "renee.ohara"), _("what stands between words: . - _")),
    Transform("hash", _("fingerprint"), _("A steady code instead of the value. It does not protect short values."),
              plain(steps.digest), ("a", "", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")),
    Transform("truncate", _("cut off"), _("Keeps only the beginning."),
              steps.truncate, ("Engineering", "3", "Eng"), _("number of characters")),
    Transform("country", _("country"), _("Names and three-letter codes of countries become two-letter codes."),
              plain(_or_empty(country_code)), ("Germany", "", "DE")),
)  # fmt: skip
TRANSFORMS = {transform.name: transform for transform in _ALL}


def parse(spec: str) -> tuple[Transform, str]:
    """The transform and its argument. Raises MappingInvalid for a name nobody knows."""
    name, _colon, argument = spec.partition(":")
    transform = TRANSFORMS.get(name.strip().lower())
    if transform is None:
        raise MappingInvalid(
            sentence("there is no transform “%(spec)s”; there are %(transforms)s", spec=spec[:60], transforms=list(TRANSFORMS))
        )
    if len(spec) > LONGEST_SPEC:
        raise MappingInvalid(
            sentence("“%(name)s” is longer than %(longest_spec)s characters", name=transform.name, longest_spec=LONGEST_SPEC)
        )
    return transform, argument


def build(spec: str) -> Step | Lookup:
    """The step for "name" or "name:argument". Raises MappingInvalid, naming the transform."""
    transform, argument = parse(spec)
    try:
        return transform.make(argument)
    except MappingInvalid as error:
        raise MappingInvalid(sentence("“%(name)s” %(detail)s", name=transform.name, detail=error.detail)) from error


def looked_into(spec: str) -> str | None:
    """The key of the value map this step needs; None for a step that needs none, or that nobody knows."""
    name, _colon, argument = spec.partition(":")
    return argument.strip() if name.strip().lower() in ("lookup", "time_zone") else None


def build_all(specs: Sequence[str]) -> list[Step | Lookup]:
    """Every step of one row, in order."""
    if len(specs) > MOST_TRANSFORMS:
        raise MappingInvalid(sentence("more than %(most_transforms)s transforms in one row", most_transforms=MOST_TRANSFORMS))
    if not all(isinstance(spec, str) for spec in specs):
        raise MappingInvalid(sentence("a transform is written as text: name or name:argument"))
    return [build(spec) for spec in specs]
