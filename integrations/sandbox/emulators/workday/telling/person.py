"""Personal_Data: names, birth date, national id, phone and e-mails."""

from __future__ import annotations

from integrations.sandbox.emulators.workday.clock import day
from integrations.sandbox.emulators.workday.telling.markup import References, element, text
from integrations.sandbox.worker import Worker


def personal(worker: Worker, references: References, hidden: frozenset[str]) -> str:
    """`hidden` may hold identification and contact, which have security domains of their own."""
    country = references.country(worker.country)
    names = f"<wd:Legal_Name_Data>{_name(worker, worker.given, worker.middle, country)}</wd:Legal_Name_Data>"
    if worker.preferred and worker.preferred != worker.given:  # absent means: the same as the legal one
        names += f"<wd:Preferred_Name_Data>{_name(worker, worker.preferred, '', country)}</wd:Preferred_Name_Data>"
    return (
        f"<wd:Personal_Data><wd:Name_Data>{names}</wd:Name_Data><wd:Birth_Date>{day(worker.birth_on)}</wd:Birth_Date>"
        f"{'' if 'identification' in hidden else _identification(worker, references, country)}"
        f"{'' if 'contact' in hidden else _contact(worker, references)}</wd:Personal_Data>"
    )


def _name(worker: Worker, given: str, middle: str, country: str) -> str:
    suffix = f"<wd:Suffix_Data>{element('Social_Suffix_Descriptor', worker.suffix)}</wd:Suffix_Data>" if worker.suffix else ""
    full, reporting = text(f"{given} {worker.family}"), text(f"{worker.family}, {given}")
    return (
        f'<wd:Name_Detail_Data wd:Formatted_Name="{full}" wd:Reporting_Name="{reporting}">{country}'
        f"{element('First_Name', given)}{element('Middle_Name', middle)}{element('Last_Name', worker.family)}{suffix}</wd:Name_Detail_Data>"
    )


def _identification(worker: Worker, references: References, country: str) -> str:
    if not worker.national_id:
        return ""
    kind = references.thing("ID_Type_Reference", "National_ID_Type_Code", f"{worker.country}-NID", "National identifier")
    return (
        f"<wd:Identification_Data><wd:National_ID><wd:National_ID_Data>{element('ID', worker.national_id)}{kind}{country}"
        "</wd:National_ID_Data></wd:National_ID></wd:Identification_Data>"
    )


def _contact(worker: Worker, references: References) -> str:
    """The private address first, then (for one in five) a second one at work, then the primary one: order means nothing here."""
    written = ""
    if worker.phone:
        device = references.thing("Phone_Device_Type_Reference", "Phone_Device_Type_ID", "Mobile", "Mobile")
        written = f"<wd:Phone_Data>{element('Phone_Number', worker.phone)}{device}{_usage('WORK', references, True, True)}</wd:Phone_Data>"
    if worker.home_email:
        written += _email(worker.home_email, _usage("HOME", references, True, False))
    if worker.employee_number[-1:] in "05":
        written += _email(f"{worker.username}@mail.meridian.example", _usage("WORK", references, False, True))
    if worker.work_email:
        written += _email(worker.work_email, _usage("WORK", references, True, True))
    return f"<wd:Contact_Data>{written}</wd:Contact_Data>" if written else ""


def _email(address: str, usage: str) -> str:
    return f"<wd:Email_Address_Data>{element('Email_Address', address)}{usage}</wd:Email_Address_Data>"


def _usage(usage: str, references: References, is_primary: bool, is_public: bool) -> str:
    kind = references.thing("Type_Reference", "Communication_Usage_Type_ID", usage, usage.title())
    return f'<wd:Usage_Data wd:Public="{int(is_public)}"><wd:Type_Data wd:Primary="{int(is_primary)}">{kind}</wd:Type_Data></wd:Usage_Data>'
