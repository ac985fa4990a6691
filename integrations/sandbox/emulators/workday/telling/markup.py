"""XML as text: a full read of 100,000 people has to be quick, so nothing here builds trees."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from integrations.sandbox.emulators.workday.names import ALPHA_3, wid
from integrations.sandbox.worker import Worker

_unsafe = re.compile(r'[&<>"]').search


def text(value: str) -> str:
    return escape(value, {'"': "&quot;"}) if _unsafe(value) else value


def element(name: str, value: str) -> str:
    """Nothing at all when there is no value: this service leaves out what is empty."""
    return f"<wd:{name}>{text(value)}</wd:{name}>" if value else ""


def flag(name: str, value: bool) -> str:
    return f"<wd:{name}>{'1' if value else '0'}</wd:{name}>"


class References:
    """Writes references: a descriptor (unless the caller wants none), the WID, and the business ids."""

    def __init__(self, with_descriptors: bool = True) -> None:
        self._with_descriptors = with_descriptors
        self._things: dict[tuple[str, str, str], str] = {}
        self._countries: dict[str, str] = {}

    def reference(self, name: str, descriptor: str, key: str, *ids: tuple[str, str]) -> str:
        told = f' wd:Descriptor="{text(descriptor)}"' if self._with_descriptors else ""
        more = "".join([f'<wd:ID wd:type="{kind}">{text(value)}</wd:ID>' for kind, value in ids])
        return f'<wd:{name}{told}><wd:ID wd:type="WID">{key}</wd:ID>{more}</wd:{name}>'

    def thing(self, name: str, kind: str, value: str, descriptor: str) -> str:
        """A reference to something everybody shares (a location, a type …); kept ready-made while there are few."""
        kept = self._things.get((name, value, descriptor))
        if kept is None:
            kept = self.reference(name, descriptor, wid(kind, value), (kind, value))
            if len(self._things) < 2000:
                self._things[name, value, descriptor] = kept
        return kept

    def country(self, alpha2: str) -> str:
        kept = self._countries.get(alpha2)
        if kept is None:
            ids = [("ISO_3166-1_Alpha-2_Code", alpha2)]
            if alpha2 in ALPHA_3:
                ids.append(("ISO_3166-1_Alpha-3_Code", ALPHA_3[alpha2]))
            kept = self._countries[alpha2] = self.reference("Country_Reference", alpha2, wid("country", alpha2), *ids)
        return kept

    def worker(self, name: str, worker: Worker, state: str) -> str:
        """`state` as in Worker.state(): the descriptor tells of it, which is why nobody should read names there."""
        told = f"{worker.preferred or worker.given} {worker.family}{_TOLD.get(state, '')}"
        if worker.kind == "contingent":
            told = f"{told} [C]"
        kind = "Contingent_Worker_ID" if worker.kind == "contingent" else "Employee_ID"
        return self.reference(name, told, worker.key, (kind, worker.employee_number))


_TOLD = {"leave": " (On Leave)", "left": " (Terminated)"}
