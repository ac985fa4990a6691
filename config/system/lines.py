"""One thing the System page says: what, how it is, and what to do when that is not well."""

from __future__ import annotations

from dataclasses import dataclass

from config.parts.shapes import Chip, Need, Text
from config.vocabulary import word


@dataclass(frozen=True, slots=True)
class Line:
    """`tone`: empty while all is well, warn or bad. `note` explains; `next_step` says who does what, only in trouble."""

    label: Text
    value: Text
    tone: str = ""
    note: Text = ""
    next_step: Text = ""

    @property
    def is_well(self) -> bool:
        return not self.tone

    @property
    def chip(self) -> Chip:
        said = word("notice", self.tone)
        return Chip(said.label, said.tone, said.sign)

    def as_need(self) -> Need:
        return Need(self.chip, self.label, f"· {self.value}", self.next_step or self.note)
