"""Get_Workers: select, cut a page, write it. Source: docs/vendors/workday.md §4."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from lxml import etree

from integrations.sandbox.cast import JANE_DOE, NOOR_VAN_DEN_BERG
from integrations.sandbox.emulators.distort import BAD_DAY, Distortion
from integrations.sandbox.emulators.workday.as_of import ALWAYS, HR, AsOf
from integrations.sandbox.emulators.workday.asking.ask import ROOT, Asked, asked
from integrations.sandbox.emulators.workday.asking.envelope import Call
from integrations.sandbox.emulators.workday.asking.faults import WD, Violation, invalid
from integrations.sandbox.emulators.workday.clock import day, moment
from integrations.sandbox.emulators.workday.select import Selection, Selections
from integrations.sandbox.emulators.workday.settings import Settings
from integrations.sandbox.emulators.workday.telling.markup import text
from integrations.sandbox.emulators.workday.telling.write import WorkerWriter
from integrations.sandbox.faults import VendorFaults
from integrations.sandbox.worker import WorldChange
from integrations.sandbox.world import World

KEPT_WRITERS = 4


@dataclass(frozen=True)
class Slice:
    """One page of a selection: (position, key) pairs and what the answer says about the whole."""

    people: list[tuple[int, str]]
    total: int
    pages: int


class GetWorkers:
    def __init__(self, world: World, faults: VendorFaults, settings: Settings) -> None:
        self._world, self._faults, self._settings = world, faults, settings
        self._selections = Selections(world, settings)
        self._writers: OrderedDict[object, WorkerWriter] = OrderedDict()
        self._lock = Lock()

    def reset(self) -> None:
        self._selections.reset()
        with self._lock:
            self._writers.clear()

    def answer(self, call: Call) -> str:
        """The body element. Raises SoapFault."""
        ask = asked(call.request)
        as_of = AsOf(ask.effective_on or self._world.today(), self._frozen(ask))
        selection = Selection([]) if self._faults.empty else self._selections.find(ask, as_of)
        page = self._slice(selection, ask)
        workers = "".join(self._written(page, selection, ask, as_of, call.with_descriptors))
        data = f"<wd:Response_Data>{self._renamed(workers)}</wd:Response_Data>" if page.people else ""
        return (
            f'<wd:Get_Workers_Response xmlns:wd="{WD}" wd:version="{text(ask.version or self._settings.versions[-1])}">'
            f"{self._echo(call.request, ask, as_of)}<wd:Response_Results><wd:Total_Results>{page.total}</wd:Total_Results>"
            f"<wd:Total_Pages>{page.pages}</wd:Total_Pages><wd:Page_Results>{len(page.people)}</wd:Page_Results>"
            f"<wd:Page>{ask.page}</wd:Page></wd:Response_Results>{data}{_invalid(selection)}</wd:Get_Workers_Response>"
        )

    def _frozen(self, ask: Asked) -> datetime | None:
        """A moment that has not come yet freezes nothing."""
        return ask.entered_by if ask.entered_by and ask.entered_by <= self._world.now() else None

    # ── the page ────────────────────────────────────────────────────────────────────────────────────

    def _slice(self, selection: Selection, ask: Asked) -> Slice:
        total = len(selection.keys)
        pages = -(-total // ask.count) or self._settings.zero_match_pages
        if ask.page > max(pages, 1) and self._settings.past_end == "fault":
            raise invalid(Violation(f"Page {ask.page} does not exist.", f"{ROOT}/wd:Response_Filter[1]/wd:Page[1]"))
        start = (ask.page - 1) * ask.count
        people = list(enumerate(selection.keys[start : start + ask.count], start))
        if self._faults.duplicate_across_pages and ask.page > 1 and people:
            people[0] = (start - 1, selection.keys[start - 1])  # comes again and pushes somebody out
        if self._faults.truncate_last_page and ask.page == pages:
            people = people[: len(people) // 2]
        return Slice(people, total, pages)

    def _written(self, page: Slice, selection: Selection, ask: Asked, as_of: AsOf, with_descriptors: bool) -> Iterator[str]:
        writer = self._writer(as_of, ask.group, with_descriptors)
        distortion = Distortion(self._faults, (JANE_DOE.key, NOOR_VAN_DEN_BERG.key))
        log = selection.log if ask.criteria.windows else self._whole_log(page, ask)
        for position, key in page.people:
            worker = self._world.worker(HR, key, ALWAYS)
            seen = as_of.of(worker) if worker else None
            if seen is None:
                continue  # erased between the selection and the page
            if distortion.is_on:
                seen = distortion.of(seen, position)
            yield writer.worker(seen, log.get(key, []), BAD_DAY if distortion.has_bad_day(position) else "")

    def _whole_log(self, page: Slice, ask: Asked) -> dict[str, list[WorldChange]]:
        """Everything ever entered about these people, when asked for without a window."""
        log: dict[str, list[WorldChange]] = {}
        if "Include_Transaction_Log_Data" not in ask.group:
            return log
        shown = {key for _, key in page.people}
        for key in shown:
            worker = self._world.worker(HR, key)
            if worker and worker.entered_at < self._world.created_at:
                log[key] = [WorldChange(worker.entered_at, worker.original_hire_on, HR, key, "hire")]
        for change in self._world.changes(HR, self._world.created_at):
            if change.key in shown:
                log.setdefault(change.key, []).append(change)
        return log

    def _writer(self, as_of: AsOf, group: frozenset[str], with_descriptors: bool) -> WorkerWriter:
        """Kept while nothing was entered: chains and references are then still true."""
        newest = next(iter(self._world.recent(1)), None)
        key = (as_of, group, with_descriptors, id(newest))
        with self._lock:
            if key not in self._writers:
                hidden = frozenset(self._settings.hidden_sections)
                self._writers[key] = WorkerWriter(self._world, as_of, group, hidden, with_descriptors)
                if len(self._writers) > KEPT_WRITERS:
                    self._writers.popitem(last=False)
            return self._writers[key]

    def _renamed(self, workers: str) -> str:
        for old, new in self._faults.rename_field.items():
            workers = re.sub(rf"(</?wd:){re.escape(old)}(?=[\s/>])", rf"\g<1>{new}", workers)
        return workers

    # ── the frame ───────────────────────────────────────────────────────────────────────────────────

    def _echo(self, request: etree._Element, ask: Asked, as_of: AsOf) -> str:
        """The request's own parts, with the filter's defaults filled in."""
        told = {etree.QName(child).localname: child for child in request}
        parts = [_copied(told[name]) for name in ("Request_References", "Request_Criteria") if name in told]
        parts.append(self._filter(ask, as_of.on))
        if "Response_Group" in told:
            parts.append(_copied(told["Response_Group"]))
        return "".join(parts)

    def _filter(self, ask: Asked, on: date) -> str:
        entered_by = ask.entered_by or self._world.now()
        return (
            f"<wd:Response_Filter><wd:As_Of_Effective_Date>{day(on)}</wd:As_Of_Effective_Date>"
            f"<wd:As_Of_Entry_DateTime>{moment(entered_by)}</wd:As_Of_Entry_DateTime><wd:Page>{ask.page}</wd:Page>"
            f"<wd:Count>{ask.count}</wd:Count></wd:Response_Filter>"
        )


def _copied(element: etree._Element) -> str:
    """The element again, in our prefix."""
    name = etree.QName(element).localname
    attributes = "".join(f' wd:{etree.QName(str(key)).localname}="{text(str(value))}"' for key, value in element.items())
    inner = "".join(map(_copied, element)) if len(element) else text(element.text or "")
    return f"<wd:{name}{attributes}>{inner}</wd:{name}>"


def _invalid(selection: Selection) -> str:
    return "".join(
        f"<wd:Invalid_Reference_ID_Response><wd:Invalid_Reference_ID>{text(value)}</wd:Invalid_Reference_ID>"
        f"<wd:Invalid_Reference_ID_Type>{text(kind)}</wd:Invalid_Reference_ID_Type></wd:Invalid_Reference_ID_Response>"
        for kind, value in selection.invalid
    )
