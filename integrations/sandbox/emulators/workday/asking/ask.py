"""A checked Get_Workers request as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from lxml import etree

from integrations.sandbox.emulators.workday.asking.checks import BOOLEANS, as_date, as_moment
from integrations.sandbox.emulators.workday.asking.faults import WD, Violation, invalid
from integrations.sandbox.emulators.workday.clock import zoned

T = TypeVar("T")
ROOT = "/wd:Get_Workers_Request[1]"
MOST = 999  # workers a page
DEFAULT_COUNT = 100
# What comes when no flag at all is set: pay data among it.
DEFAULT_GROUP = frozenset(
    {
        "Include_Reference",
        "Include_Personal_Information",
        "Include_Employment_Information",
        "Include_Compensation",
        "Include_Organizations",
        "Include_Roles",
    }
)


@dataclass(frozen=True)
class Reference:
    """(kind of ID, value) pairs of one reference, and where it stood."""

    ids: tuple[tuple[str, str], ...]
    xpath: str = field(compare=False, default="")


@dataclass(frozen=True)
class LogWindow:
    """One Transaction_Log_Criteria_Data: all given bounds must hold, both ends belong to it. Moments carry an offset."""

    updated_from: datetime | None = None
    updated_through: datetime | None = None
    effective_from: datetime | None = None
    effective_through: datetime | None = None
    types: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Criteria:
    """Who is meant. `references` empty means everybody the other criteria leave."""

    references: tuple[Reference, ...] = ()
    skip_non_existing: bool = False
    ignore_invalid: bool = False
    windows: tuple[LogWindow, ...] = ()
    organizations: tuple[Reference, ...] = ()
    countries: tuple[Reference, ...] = ()
    with_subordinates: bool = False
    positions: tuple[Reference, ...] = ()
    events: tuple[Reference, ...] = ()
    subscribers: tuple[Reference, ...] = ()
    universal: tuple[Reference, ...] = ()
    exclude_inactive: bool = False
    exclude_employees: bool = False
    exclude_contingent: bool = False


@dataclass(frozen=True)
class Asked:
    """`entered_by` is None when the caller froze nothing: every page is then cut from the state of its own moment."""

    criteria: Criteria
    effective_on: date | None
    entered_by: datetime | None
    page: int
    count: int
    group: frozenset[str]
    version: str = ""


def asked(request: etree._Element) -> Asked:
    """Raises SoapFault for Page and Count the service does not serve; everything else was checked before."""
    filter_ = request.find(_q("Response_Filter"))
    return Asked(
        criteria=_criteria(request),
        effective_on=_value(filter_, "As_Of_Effective_Date", as_date),
        entered_by=_value(filter_, "As_Of_Entry_DateTime", _moment),
        page=_page(filter_),
        count=_count(filter_),
        group=_group(request.find(_q("Response_Group"))),
        version=request.get(_q("version"), ""),
    )


def _q(name: str) -> str:
    return f"{{{WD}}}{name}"


def _moment(text: str) -> datetime:
    return zoned(as_moment(text))


def _value(parent: etree._Element | None, name: str, read: Callable[[str], T]) -> T | None:
    text = None if parent is None else parent.findtext(_q(name))
    return read(text.strip()) if text and text.strip() else None


def _flag(parent: etree._Element | None, name: str) -> bool:
    return bool(_value(parent, name, BOOLEANS.__getitem__))


def _attribute(element: etree._Element | None, name: str) -> bool:
    return element is not None and BOOLEANS[element.get(_q(name), "0")]


def _page(filter_: etree._Element | None) -> int:
    page = _value(filter_, "Page", lambda text: int(float(text)))
    if page is None:
        return 1
    if page == 0:
        raise invalid(Violation("Page Number cannot be zero.", f"{ROOT}/wd:Response_Filter[1]/wd:Page[1]"))
    if page < 0:
        raise invalid(Violation("Page Number cannot be negative.", f"{ROOT}/wd:Response_Filter[1]/wd:Page[1]"))
    return page


def _count(filter_: etree._Element | None) -> int:
    count = _value(filter_, "Count", lambda text: int(float(text)))
    if count is None:
        return DEFAULT_COUNT
    if not 1 <= count <= MOST:
        raise invalid(Violation(f"Count must be between 1 and {MOST}.", f"{ROOT}/wd:Response_Filter[1]/wd:Count[1]"))
    return count


def _group(element: etree._Element | None) -> frozenset[str]:
    """The flags that are set. No flag set at all, not even to false, means the service's defaults."""
    if element is None or len(element) == 0:
        return DEFAULT_GROUP
    return frozenset(etree.QName(child).localname for child in element if BOOLEANS[(child.text or "").strip()])


def _references(parent: etree._Element | None, name: str, path: str) -> tuple[Reference, ...]:
    if parent is None:
        return ()
    return tuple(
        Reference(
            tuple((child.get(_q("type"), ""), (child.text or "").strip()) for child in element),
            f"{path}/wd:{name}[{number}]",
        )
        for number, element in enumerate(parent.findall(_q(name)), 1)
    )


def _criteria(request: etree._Element) -> Criteria:
    references, criteria = request.find(_q("Request_References")), request.find(_q("Request_Criteria"))
    path = f"{ROOT}/wd:Request_Criteria[1]"
    logs = [] if criteria is None else criteria.findall(_q("Transaction_Log_Criteria_Data"))
    return Criteria(
        references=_references(references, "Worker_Reference", f"{ROOT}/wd:Request_References[1]"),
        skip_non_existing=_attribute(references, "Skip_Non_Existing_Instances"),
        ignore_invalid=_attribute(references, "Ignore_Invalid_References"),
        windows=tuple(_window(log, f"{path}/wd:Transaction_Log_Criteria_Data[{number}]") for number, log in enumerate(logs, 1)),
        organizations=_references(criteria, "Organization_Reference", path),
        countries=_references(criteria, "Country_Reference", path),
        with_subordinates=_flag(criteria, "Include_Subordinate_Organizations"),
        positions=_references(criteria, "Position_Reference", path),
        events=_references(criteria, "Event_Reference", path),
        subscribers=tuple(found for log in logs for found in _references(log, "Subscriber_Reference", path)),
        universal=_references(criteria, "Universal_ID_Reference", path),
        exclude_inactive=_flag(criteria, "Exclude_Inactive_Workers"),
        exclude_employees=_flag(criteria, "Exclude_Employees"),
        exclude_contingent=_flag(criteria, "Exclude_Contingent_Workers"),
    )


def _window(log: etree._Element, path: str) -> LogWindow:
    dates = log.find(_q("Transaction_Date_Range_Data"))
    return LogWindow(
        updated_from=_value(dates, "Updated_From", _moment),
        updated_through=_value(dates, "Updated_Through", _moment),
        effective_from=_value(dates, "Effective_From", _moment),
        effective_through=_value(dates, "Effective_Through", _moment),
        types=_references(
            log.find(_q("Transaction_Type_References")), "Transaction_Type_Reference", f"{path}/wd:Transaction_Type_References[1]"
        ),
    )
