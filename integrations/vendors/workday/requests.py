"""The request bodies we send to Workday's Human_Resources service.

Children stand in the order of the WSDL, and elements and attributes are both qualified. The response group names every
section: a request without one is answered with pay data. Source: docs/vendors/workday.md §4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml.builder import ElementMaker

from integrations.vendors.workday.bsvc import WD, Element, T

E = ElementMaker(namespace=WD, nsmap={"wd": WD})

# In WSDL order. Pay and roles are refused by name; additional jobs carry the second supervisory organisation.
SECTIONS = (
    ("Include_Reference", True),
    ("Include_Personal_Information", True),
    ("Include_Additional_Jobs", True),
    ("Include_Employment_Information", True),
    ("Include_Compensation", False),
    ("Include_Organizations", True),
    ("Include_Roles", False),
    ("Include_Management_Chain_Data", True),
)
# The chart is in the management chains, also those of additional jobs, and who is hired later shows in the employment.
FOR_CHAINS = frozenset({"Include_Reference", "Include_Additional_Jobs", "Include_Employment_Information", "Include_Management_Chain_Data"})


@dataclass(frozen=True)
class Span:
    """Transaction log entries between two moments. `kind`: Updated (entered then) or Effective (taking effect then)."""

    kind: str
    since: datetime
    through: datetime


@dataclass(frozen=True)
class WorkersQuery:
    """One page of Get_Workers. `moment` is frozen for a whole read, so that its pages do not drift (UTC)."""

    version: str
    as_of: date
    moment: datetime
    page: int = 1
    count: int = 100
    span: Span | None = None
    wids: tuple[str, ...] = ()
    active_only: bool = False
    exclude_contingent: bool = False
    all_managers: bool = True
    chains_only: bool = False


def get_workers(query: WorkersQuery) -> Element:
    """The body of Get_Workers. References and criteria exclude each other: with ids there are no criteria."""
    which = _references(query.wids) if query.wids else _criteria(query)
    return E.Get_Workers_Request({T.version: query.version}, which, _filter(query), _group(query))


def server_timestamp_get(version: str) -> Element:
    """The cheapest question there is: what time is it at Workday?"""
    return E.Server_Timestamp_Get({T.version: version})


def common_header() -> Element:
    """Asks for the display names of references: the only name of an organisation that nobody sits in directly."""
    return E.Workday_Common_Header(E.Include_Reference_Descriptors_In_Response("true"))


def _references(wids: Iterable[str]) -> Element:
    found = [E.Worker_Reference(E.ID(wid, {T.type: "WID"})) for wid in wids]
    return E.Request_References({T.Skip_Non_Existing_Instances: "true"}, *found)


def _criteria(query: WorkersQuery) -> Element:
    parts = [_log(query.span)] if query.span else []
    parts.append(E.Exclude_Inactive_Workers(_flag(query.active_only)))
    if query.exclude_contingent:
        parts.append(E.Exclude_Contingent_Workers("true"))
    return E.Request_Criteria(*parts)


def _log(span: Span) -> Element:
    between = (E(f"{span.kind}_From", instant(span.since)), E(f"{span.kind}_Through", instant(span.through)))
    return E.Transaction_Log_Criteria_Data(E.Transaction_Date_Range_Data(*between))


def _filter(query: WorkersQuery) -> Element:
    return E.Response_Filter(
        E.As_Of_Effective_Date(query.as_of.isoformat()),
        E.As_Of_Entry_DateTime(instant(query.moment)),
        E.Page(str(query.page)),
        E.Count(str(query.count)),
    )


def _group(query: WorkersQuery) -> Element:
    flags = [E(name, _flag(wanted and (not query.chains_only or name in FOR_CHAINS))) for name, wanted in SECTIONS]
    flags.append(E.Include_Multiple_Managers_in_Management_Chain_Data(_flag(query.all_managers)))
    flags.append(E.Include_Transaction_Log_Data(_flag(query.span is not None)))
    flags.append(E.Include_User_Account(_flag(not query.chains_only)))  # language and time zone; left out in silence without its domain
    return E.Response_Group(*flags)


def instant(moment: datetime) -> str:
    """`2026-05-20T06:00:00.000Z`, cut to the millisecond: never later than the moment that was meant."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _flag(wanted: bool) -> str:
    return "true" if wanted else "false"
