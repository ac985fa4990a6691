"""A Workday tenant without sockets, and short ways to ask it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from lxml import etree

from integrations.sandbox.emulators.workday import Emulator
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import Clock, World

ENV = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
NS = {"env": ENV, "wd": "urn:com.workday/bsvc"}
TODAY = date(2026, 6, 10)  # a Wednesday, nine in the morning UTC
USER, PASSWORD = "isu_rollcall@meridian", "sandbox-isu-password"
SERVICE = "/ccx/service/meridian/Human_Resources/v44.2"
EVERYTHING = (
    "Include_Reference Include_Personal_Information Include_Additional_Jobs Include_Employment_Information Include_Compensation"
    " Include_Organizations Include_Roles Include_Management_Chain_Data Include_Transaction_Log_Data Include_User_Account"
)
ORDINARY = (
    "Include_Reference Include_Personal_Information Include_Employment_Information Include_Organizations Include_Management_Chain_Data"
)


def security(user: str = USER, password: str = PASSWORD, type_: str = TEXT) -> str:
    return (
        f'<wsse:Security xmlns:wsse="{WSSE}"><wsse:UsernameToken><wsse:Username>{user}</wsse:Username>'
        f'<wsse:Password Type="{type_}">{password}</wsse:Password></wsse:UsernameToken></wsse:Security>'
    )


def envelope(body: str, header: str | None = None) -> bytes:
    return (
        f'<env:Envelope xmlns:env="{ENV}" xmlns:wd="{NS["wd"]}"><env:Header>{security() if header is None else header}</env:Header>'
        f"<env:Body>{body}</env:Body></env:Envelope>"
    ).encode()


def get_workers(inner: str = "", attributes: str = 'wd:version="v44.2"') -> str:
    return f'<Get_Workers_Request xmlns="urn:com.workday/bsvc" {attributes}>{inner}</Get_Workers_Request>'


def group(flags: str) -> str:
    return f"<Response_Group>{''.join(f'<{flag}>true</{flag}>' for flag in flags.split())}</Response_Group>"


def filter_(page: int = 1, count: int = 100, on: str = "", entered_by: str = "") -> str:
    told = f"<As_Of_Effective_Date>{on}</As_Of_Effective_Date>" if on else ""
    told += f"<As_Of_Entry_DateTime>{entered_by}</As_Of_Entry_DateTime>" if entered_by else ""
    return f"<Response_Filter>{told}<Page>{page}</Page><Count>{count}</Count></Response_Filter>"


def references(*ids: tuple[str, str], attributes: str = "") -> str:
    told = "".join(f'<Worker_Reference><ID wd:type="{kind}">{value}</ID></Worker_Reference>' for kind, value in ids)
    return f"<Request_References {attributes}>{told}</Request_References>"


class Answer:
    """An answer's body, with the paths tests look at."""

    def __init__(self, response: Response) -> None:
        self.status, self.text = response.status, response.content.decode()
        self.root = etree.fromstring(response.content)

    def all(self, path: str, below: etree._Element | None = None) -> list[str]:
        """Texts (or attribute values) at a path whose steps are element names: "Worker_Data/Worker_ID"."""
        steps = "/".join(step if step.startswith("@") or step in (".", "") else f"wd:{step}" for step in path.split("/"))
        found = (self.root if below is None else below).xpath(f".//{steps}", namespaces=NS)
        return [str(item) if isinstance(item, str) else (item.text or "") for item in found]

    def one(self, path: str, below: etree._Element | None = None) -> str:
        (found,) = self.all(path, below)
        return found

    @property
    def wids(self) -> list[str]:
        return [str(item) for item in self.root.xpath("//wd:Worker/wd:Worker_Reference/wd:ID[@wd:type='WID']/text()", namespaces=NS)]

    @property
    def total(self) -> int:
        return int(self.one("Total_Results"))

    def worker(self, key: str) -> etree._Element:
        path = f"//wd:Worker[wd:Worker_Reference/wd:ID[@wd:type='WID']='{key}']"
        (found,) = self.root.xpath(path, namespaces=NS)
        return found

    @property
    def fault(self) -> tuple[str, str]:
        """(code without its prefix, text)."""
        return (self.root.findtext(".//faultcode") or "").partition(":")[2], self.root.findtext(".//faultstring") or ""

    @property
    def xpaths(self) -> list[str]:
        return self.all("Xpath")


class Tenant:
    """`settings` as for the emulator."""

    def __init__(self, size: int = 600, state_dir: Path | None = None, **settings: Any) -> None:
        self.clock = Clock(TODAY)
        self.world = World(size=size, today=TODAY, now=self.clock)
        self.faults = Faults()
        self.emulator = Emulator(self.world, self.faults, settings, state_dir)

    @property
    def switches(self) -> Any:
        return self.faults.for_vendor("workday")

    def post(self, body: bytes, path: str = SERVICE, **headers: str) -> Response:
        told = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.emulator.handle(Request.of("POST", path, told, body))

    def get(self, target: str, **headers: str) -> Response:
        return self.emulator.handle(Request.of("GET", target, headers, base_url="http://127.0.0.1:1/workday"))

    def workers(self, inner: str = "", header: str | None = None) -> Answer:
        return Answer(self.post(envelope(get_workers(inner), header)))

    def one(self, key: str, flags: str = EVERYTHING, on: str = "") -> Answer:
        return self.workers(references(("WID", key)) + filter_(on=on) + group(flags))

    def everybody(self, count: int = 200, entered_by: str = "", inner: str = "") -> tuple[list[str], int]:
        """(WIDs in the order they came, announced total), read page by page."""
        found: list[str] = []
        page, pages = 1, 1
        while page <= pages:
            answer = self.workers(inner + filter_(page, count, entered_by=entered_by) + group("Include_Reference"))
            found += answer.wids
            pages, page = int(answer.one("Total_Pages")), page + 1
        return found, answer.total
