"""One `wd:Worker` element becomes one flat-ish JSON record, word for word in meaning.

A section that Workday left out is a key that is left out: "not told" and "empty" stay apart. Pay, national ids, birth dates
and addresses have no reader here, so they cannot arrive even if a tenant sends them. Source: docs/vendors/workday.md §5.

Tags are compared as prepared strings, each element is walked once, and what stands in many workers word for word is read once: 0.2 ms
for a worker of 230 nodes, half of it the XML itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, TypeVar

from lxml import etree

from integrations.vendors.workday import reporting
from integrations.vendors.workday.bsvc import Element, T, day, reference_ids, true

Payload = dict[str, Any]
Told = TypeVar("Told")

MOST_REMEMBERED = 5000  # elements of one kind, a few MB; then it begins anew
UNWANTED = frozenset({"PAY_GROUP"})  # an organisation type that tells about pay

STATUS_DATES = {
    T.Hire_Date: "hire_on",
    T.Original_Hire_Date: "original_hire_on",
    T.End_Employment_Date: "end_employment_on",
    T.Termination_Date: "termination_on",
    T.Termination_Last_Day_of_Work: "last_day_on",
}
STATUS_FLAGS = {
    T.Active: "active",
    T.Terminated: "terminated",
    T.Hire_Rescinded: "hire_rescinded",
    T.Rehire: "rehire",
}
LEAVE_DATES = {
    T.Leave_Start_Date: "from_on",
    T.Estimated_Leave_End_Date: "until_on",
    T.Leave_End_Date: "ended_on",
    T.Leave_Last_Day_of_Work: "last_day_on",
}
NAME_KINDS = {T.Legal_Name_Data: "legal", T.Preferred_Name_Data: "preferred"}
NAME_PARTS = {
    T.First_Name: "given",
    T.Middle_Name: "middle",
    T.Last_Name: "family",
    T.Secondary_Last_Name: "second_family",
}
ORGANIZATION_TEXTS = {T.Organization_Code: "code", T.Organization_Name: "name"}
ADDRESS_COUNTRY = f"{T.Address_Data}/{T.Country_Reference}"
POSITION_TEXTS = {T.Position_ID: "position_id", T.Business_Title: "title", T.Position_Title: "position_title"}
POSITION_DATES = {T.Start_Date: "start_on", T.End_Date: "end_on", T.End_Employment_Date: "end_employment_on"}


@dataclass(frozen=True)
class Reading:
    """What the connector's settings and the moment of the read add to the facts of the wire.

    `as_of` is the business date of the read: whoever is hired after it is pending.
    """

    as_of: date
    email_usage: str = "WORK"
    prefers_legal: bool = False


def told_often(read: Callable[[Element], Told]) -> Callable[[Element], Told]:
    """Read an element once however many workers carry it word for word, as colleagues do their unit, chain and site.

    Writing an element out again is work of libxml2; walking it is work of Python, and takes ten times as long. The workers share what
    was read: nobody may change it.
    """
    remembered: dict[bytes, Told] = {}

    @wraps(read)
    def once(element: Element) -> Told:
        text = etree.tostring(element, with_tail=False)
        if text not in remembered:
            if len(remembered) >= MOST_REMEMBERED:
                remembered.clear()
            return remembered.setdefault(text, read(element))
        return remembered[text]

    return once


def worker(element: Element, reading: Reading) -> Payload:
    """The record of one worker. `ids` is empty where Workday sent no reference: the caller turns that into a rejected row."""
    payload: Payload = {"ids": reference_ids(element.find(T.Worker_Reference))}
    data = element.find(T.Worker_Data)
    for part in data if data is not None else ():
        read = SECTIONS.get(part.tag)
        if read:
            read(part, payload)
        elif part.tag in PLAIN:
            payload[PLAIN[part.tag]] = part.text
    _conclude(payload, reading)
    return payload


def _conclude(payload: Payload, reading: Reading) -> None:
    """Add what follows from the facts and is the same for everybody: which id, which type, which state, which lines."""
    ids = payload["ids"]
    payload["wid"] = ids.get("WID")
    payload["employee_id"] = ids.get("Employee_ID")
    payload["contingent_worker_id"] = ids.get("Contingent_Worker_ID")
    is_contingent = "Contingent_Worker_ID" in ids and "Employee_ID" not in ids
    payload["worker_type"] = "contingent" if is_contingent else "employee"
    if "names" in payload:
        legal, preferred = payload["names"].get("legal"), payload["names"].get("preferred")
        payload["name"] = (legal or preferred) if reading.prefers_legal else (preferred or legal)
    if "emails" in payload:
        payload["email"] = best_email(payload["emails"], reading.email_usage)
    if "status" in payload:
        payload["state"] = reporting.state(payload["status"], payload.get("contract"), reading.as_of.isoformat())
        payload["on_leave"] = any(leave["on_leave"] for leave in payload["status"]["leaves"])
    if "supervisory_chain" in payload or "matrix_chain" in payload:
        payload["reporting_lines"] = reporting.lines(payload)
    if "supervisory_chain" in payload:
        payload["unit_path"] = [entry["organization"] for entry in payload["supervisory_chain"]]


# ── names and e-mail ────────────────────────────────────────────────────────────────────────────────


def _personal(element: Element, payload: Payload) -> None:
    names, contact = element.find(T.Name_Data), element.find(T.Contact_Data)
    if names is not None:
        payload["names"] = _names(names)
    if contact is not None:
        payload["emails"] = list(_emails(contact))
        payload["phones"] = list(_phones(contact))


def _names(element: Element) -> Payload:
    found: Payload = {}
    for part in element:
        detail = part.find(T.Name_Detail_Data) if part.tag in NAME_KINDS else None
        if detail is not None:
            found[NAME_KINDS[part.tag]] = _name(detail)
    return found


def _name(detail: Element) -> Payload:
    name: Payload = {"formatted": detail.get(T.Formatted_Name)}
    for child in detail:
        if child.tag in NAME_PARTS:
            name[NAME_PARTS[child.tag]] = child.text
        elif child.tag == T.Suffix_Data:
            name["suffix"] = next((part.get(T.Descriptor) or part.text for part in child), None)
    return name


def _emails(contact: Element) -> Iterator[Payload]:
    for data in contact.iterchildren(T.Email_Address_Data):
        address = data.findtext(T.Email_Address)
        for usage in _usages(data):
            yield {"address": address, **usage}


def _phones(contact: Element) -> Iterator[Payload]:
    for data in contact.iterchildren(T.Phone_Data):
        number = data.get(T.E164_Formatted_Phone) or data.get(T.International_Formatted_Phone)
        for usage in _usages(data):
            yield {"number": number or data.findtext(T.Phone_Number), **usage}


def _usages(element: Element) -> Iterator[Payload]:
    """One entry for each use of an address: a single e-mail may be both WORK and HOME."""
    for usage in element.iterchildren(T.Usage_Data):
        public = true(usage.get(T.Public))
        for kind in usage.iterchildren(T.Type_Data):
            kinds = reference_ids(kind.find(T.Type_Reference))
            name = kinds.get("Communication_Usage_Type_ID") or ""
            yield {"usage": name.upper(), "primary": true(kind.get(T.Primary)), "public": public}


def best_email(emails: list[Payload], usage: str) -> str | None:
    """The primary address of that usage, else its first one, else none: an address of another usage is never taken instead."""
    of_usage = [email for email in emails if email["usage"] == usage and email["address"]]
    primary = [email for email in of_usage if email["primary"]]
    return next((email["address"] for email in primary + of_usage), None)


# ── jobs and status ─────────────────────────────────────────────────────────────────────────────────


def _employment(element: Element, payload: Payload) -> None:
    jobs: list[Payload] = []
    for part in element:
        if part.tag == T.Worker_Job_Data:
            jobs.append(_job(part))
        elif part.tag == T.Worker_Status_Data:
            payload["status"] = _status(part)
            payload["termination_reason"] = _reason(part)
        elif part.tag == T.Worker_Contract_Data:
            payload["contract"] = {"end_on": day(part.findtext(T.Contract_End_Date))}
    payload["jobs"] = jobs


def _job(element: Element) -> Payload:
    job: Payload = {"primary": true(element.get(T.Primary_Job))}
    for part in element:
        if part.tag == T.Position_Data:
            _position(part, job)
        elif part.tag == T.Position_Organizations_Data:
            job["organizations"] = list(_organizations(part, T.Position_Organization_Data))
        elif part.tag == T.Position_Management_Chains_Data:
            _chains(part, job)
    return job


def _position(element: Element, job: Payload) -> None:
    for part in element:
        if part.tag in POSITION_TEXTS:
            job[POSITION_TEXTS[part.tag]] = part.text
        elif part.tag in POSITION_DATES:
            job[POSITION_DATES[part.tag]] = day(part.text)
        elif part.tag == T.Worker_Type_Reference:
            kinds = reference_ids(part)
            job["worker_type"] = kinds.get("Employee_Type_ID") or kinds.get("Contingent_Worker_Type_ID")
        elif part.tag == T.Job_Profile_Summary_Data:
            job["profile"] = part.findtext(T.Job_Profile_Name)
            job["profile_id"] = reference_ids(part.find(T.Job_Profile_Reference)).get("Job_Profile_ID")
        elif part.tag == T.Business_Site_Summary_Data:
            job.update(_location(part))


@told_often
def _location(element: Element) -> Payload:
    ids = reference_ids(element.find(T.Location_Reference))
    country = reference_ids(element.find(ADDRESS_COUNTRY))
    language = reference_ids(element.find(T.Display_Language_Reference))
    return {
        "location_id": ids.get("Location_ID") or ids.get("WID"),
        "location": element.findtext(T.Name),
        "country": country.get("ISO_3166-1_Alpha-2_Code"),
        "language": language.get("User_Language_ID"),
    }


def _status(element: Element) -> Payload:
    """Every key is there, so that a value which went away reads as "none" and not as "not told" (a rescinded termination)."""
    status: Payload = dict.fromkeys((*STATUS_FLAGS.values(), *STATUS_DATES.values()))
    status["leaves"] = []
    for part in element:
        if part.tag in STATUS_DATES:
            status[STATUS_DATES[part.tag]] = day(part.text)
        elif part.tag in STATUS_FLAGS:
            status[STATUS_FLAGS[part.tag]] = true(part.text)
        elif part.tag == T.Leave_Status_Data:
            status["leaves"].append(_leave(part))
    return status


def _reason(element: Element) -> Payload | None:
    """Why the employment ends, apart from the status: so that nothing of it is kept where no mapping row asks for it."""
    reference = element.find(T.Primary_Termination_Reason_Reference)
    if reference is None:
        return None
    return {"id": reference_ids(reference).get("Termination_Subcategory_ID"), "name": reference.get(T.Descriptor)}


def _leave(element: Element) -> Payload:
    leave: Payload = {"on_leave": true(element.findtext(T.On_Leave)), **dict.fromkeys(LEAVE_DATES.values())}
    for part in element:
        if part.tag in LEAVE_DATES:
            leave[LEAVE_DATES[part.tag]] = day(part.text)
    return leave


def _account(element: Element, payload: Payload) -> None:
    language = reference_ids(element.find(T.User_Language__Reference)) or reference_ids(element.find(T.Default_Display_Language_Reference))
    payload["account"] = {
        "language": language.get("User_Language_ID"),
        "time_zone": reference_ids(element.find(T.Time_Zone_Reference)).get("Time_Zone_ID"),
    }


# ── organisations, chains, log ──────────────────────────────────────────────────────────────────────


def _organizations_of_worker(element: Element, payload: Payload) -> None:
    payload["organizations"] = list(_organizations(element, T.Worker_Organization_Data))


def _organizations(element: Element, each: str) -> Iterator[Payload]:
    memberships = map(_membership, element.iterchildren(each))
    return (membership for membership in memberships if membership["type"] not in UNWANTED)


@told_often
def _membership(element: Element) -> Payload:
    reference, data = element.find(T.Organization_Reference), element.find(T.Organization_Data)
    told = {part.tag: part for part in data} if data is not None else {}
    kind = reference_ids(told.get(T.Organization_Type_Reference)).get("Organization_Type_ID", "").upper()
    texts = {key: told[name].text if name in told else None for name, key in ORGANIZATION_TEXTS.items()}
    return {"type": kind, **unit(reference), **texts}


def _chains_of_worker(element: Element, payload: Payload) -> None:
    _chains(element, payload)


def _chains(element: Element, into: Payload) -> None:
    """Both chains, outermost organisation first. The element names differ between worker and position, the content does not."""
    for part in element:
        name = part.tag if isinstance(part.tag, str) else ""
        key = "supervisory_chain" if name.endswith("_Supervisory_Management_Chain_Data") else "matrix_chain"
        if name.endswith("_Management_Chain_Data"):
            into[key] = _chain(part)


@told_often
def _chain(element: Element) -> list[Payload]:
    return [_entry(entry) for entry in element.iterchildren(T.Management_Chain_Data)]


def _entry(element: Element) -> Payload:
    references = list(element.iterchildren(T.Manager_Reference))
    managers = [reference_ids(manager).get("WID") for manager in references]
    reference = element.find(T.Organization_Reference)
    found = unit(reference)
    label = reference.get(T.Descriptor) if reference is not None else None
    for manager in references:  # a supervisory organisation is often shown as “Buying (Ana Ruiz)”
        label = label.removesuffix(f" ({manager.get(T.Descriptor)})") if label else label
    return {
        "organization": found["id"],
        "reference_id": found["reference_id"],
        "name": label,
        "managers": [manager for manager in managers if manager],
    }


def unit(reference: Element | None) -> Payload:
    """An organisation's ids: the WID where there is one (people may rename the other)."""
    ids = reference_ids(reference)
    readable = ids.get("Organization_Reference_ID") or next((value for kind, value in ids.items() if kind != "WID"), None)
    return {"id": ids.get("WID") or readable, "reference_id": readable}


def _log(element: Element, payload: Payload) -> None:
    """Entries that took something back or corrected it; ordinary ones are left out, the record itself tells them."""
    found = [_log_entry(data) for data in element.iter(T.Transaction_Log_Data)]
    undone = [entry for entry in found if entry["is_rescind"] or entry["is_correction"]]
    if undone:
        payload["corrections"] = undone


def _log_entry(element: Element) -> Payload:
    return {
        "effective_on": day(element.findtext(T.Transaction_Effective_Moment)),
        "entered_at": element.findtext(T.Transaction_Entry_Moment),
        "is_rescind": true(element.findtext(T.Is_Rescind_Or_Rescinded)),
        "is_correction": true(element.findtext(T.Is_Correction_Or_Corrected)),
    }


PLAIN = {T.Worker_ID: "worker_id", T.User_ID: "user_id", T.Universal_ID: "universal_id"}
SECTIONS = {
    T.Personal_Data: _personal,
    T.Employment_Data: _employment,
    T.Organization_Data: _organizations_of_worker,
    T.Management_Chain_Data: _chains_of_worker,
    T.Transaction_Log_Entry_Data: _log,
    T.User_Account_Data: _account,
}
