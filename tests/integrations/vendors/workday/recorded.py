"""A line that answers from recordings, in order, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from lxml import etree

import integrations.vendors.workday as package
from integrations.vendors.workday.bsvc import WD
from integrations.vendors.workday.vendor import Workday
from integrations.wire.http import Line, Response
from integrations.wire.redact import Redactor

RECORDINGS = Path(package.__file__).parent / "recordings"
SETTINGS = {"base_url": "https://services1.example", "tenant": "acme", "username": "isu_rollcall"}
SECRETS = {"password": "s3cret"}


def recording(name: str) -> bytes:
    return (RECORDINGS / name).read_bytes()


def answer(name: str, status: int = 200, **headers: str) -> Response:
    kinds = {".xml": "text/xml; charset=utf-8", ".json": "application/json", ".html": "text/html"}
    return Response(status, {"Content-Type": kinds[Path(name).suffix], **headers}, recording(name))


def fault(name: str) -> Response:
    return answer(f"fault__{name}.xml", 500)


class RecordedLine:
    """Stands in for a Line: `answers` are handed out one by one; a call too many fails the test."""

    def __init__(self, *answers: Response | str) -> None:
        self.answers = [answer(one) if isinstance(one, str) else one for one in answers]
        self.asked: list[dict[str, Any]] = []
        self.redactor = Redactor()
        self.explain: Callable[[Response], Exception | None] = lambda response: None

    def request(self, method: str, url: str, *, explain: bool = True, **options: Any) -> Response:
        self.asked.append({"method": method, "url": url, **options})
        assert self.answers, f"nothing recorded for call {len(self.asked)}: {method} {url}"
        response = self.answers.pop(0)
        error = self.explain(response) if explain else None
        if error is not None:
            raise error
        return response

    def get(self, url: str, **options: Any) -> Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> Response:
        return self.request("POST", url, **options)

    def body(self, number: int) -> etree._Element:
        """The request element of call `number`, out of its envelope."""
        return etree.fromstring(self.asked[number]["data"])[1][0]

    def header(self, number: int) -> etree._Element:
        return etree.fromstring(self.asked[number]["data"])[0]


def connect(*answers: Response | str, secrets: Mapping[str, str] = SECRETS, **settings: Any) -> tuple[Workday, RecordedLine]:
    line = RecordedLine(*answers)
    return Workday({**SETTINGS, **settings}, secrets, cast(Line, line)), line


def texts(element: etree._Element) -> list[tuple[str, str]]:
    """Every leaf below as (local name, text), in document order."""
    return [(etree.QName(leaf).localname, leaf.text or "") for leaf in element.iter() if len(leaf) == 0]


def names(element: etree._Element) -> list[str]:
    """The local names of the children; every one of them in Workday's namespace."""
    assert all(etree.QName(child).namespace == WD for child in element)
    return [etree.QName(child).localname for child in element]


def find(element: etree._Element, path: str) -> etree._Element | None:
    """`Request_Criteria/Exclude_Employees`, without spelling the namespace."""
    return element.find("/".join(f"{{{WD}}}{part}" for part in path.split("/")))
