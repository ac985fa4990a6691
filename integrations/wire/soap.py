"""SOAP 1.1 without a WSDL: envelopes built element by element, answers parsed while they arrive.

Nothing is ever put together from strings, so a value cannot break out of its element. A document type is refused: SOAP knows
none (SOAP 1.1 §3), and entity tricks start there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from lxml import etree
from lxml.builder import ElementMaker

from config.errors import AnswerCutOff, UnexpectedAnswer
from config.sentences import sentence
from integrations.wire.response import Response

Element = etree._Element

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE_12 = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
PASSWORD_TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"  # noqa: S105 - a name
CONTENT_TYPE = "text/xml; charset=utf-8"

_env = ElementMaker(namespace=ENVELOPE, nsmap={"env": ENVELOPE})
_wsse = ElementMaker(namespace=WSSE, nsmap={"wsse": WSSE})


@dataclass(frozen=True)
class Fault:
    """A refusal in SOAP's own form. `code` without prefix (“Client”, “Server”), `details` tag → text of the leaves of the detail."""

    code: str
    message: str
    details: dict[str, list[str]] = field(default_factory=dict)


class FaultError(Exception):
    """A fault inside an answer that was being streamed. The vendor catches it and says what it means."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.code)


def envelope(body: Element, headers: Iterable[Element] = ()) -> bytes:
    """A request document around `body`."""
    message = _env.Envelope(_env.Header(*headers), _env.Body(body))
    return etree.tostring(message, xml_declaration=True, encoding="utf-8")


def username_token(username: str, password: str) -> Element:
    """The WS-Security header with the password as text: it travels inside TLS."""
    password_element = _wsse.Password(password, Type=PASSWORD_TEXT)
    return _wsse.Security(_wsse.UsernameToken(_wsse.Username(username), password_element))


def parse(content: bytes) -> Element:
    """A whole small document. Raises UnexpectedAnswer when it is not XML or carries a document type."""
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        raise UnexpectedAnswer(sentence("expected XML: %(msg)s", msg=str(error.msg))) from error
    _refuse_document_type(root)
    return root


def find_fault(response: Response) -> Fault | None:
    """The fault in an answer that was read whole; None when there is none or it is not XML at all."""
    if b"Fault" not in response.content:
        return None
    try:
        root = parse(response.content)
    except UnexpectedAnswer:
        return None
    for namespace in (ENVELOPE, ENVELOPE_12):
        for element in root.iter(f"{{{namespace}}}Fault"):
            return read_fault(element)
    return None


def read_fault(element: Element) -> Fault:
    """A Fault element of SOAP 1.1 or 1.2 as a value."""
    parts = {etree.QName(child).localname: child for child in element if isinstance(child.tag, str)}
    code = parts.get("faultcode", parts.get("Code"))
    reason = parts.get("faultstring", parts.get("Reason"))
    details: dict[str, list[str]] = {}
    for leaf in parts["detail"].iter() if "detail" in parts else ():
        if isinstance(leaf.tag, str) and len(leaf) == 0 and leaf.text and leaf.text.strip():
            details.setdefault(etree.QName(leaf).localname, []).append(leaf.text.strip())
    return Fault(_text(code).rpartition(":")[2], _text(reason), details)


def elements(pieces: Iterable[bytes], tags: Iterable[str]) -> Iterator[Element]:
    """Every element of the named tags (“{namespace}Name”), as soon as it is complete and in the order they end.

    Flat in memory: an element is emptied when the next one is asked for, so take what you need at once. Do not name a tag that
    lies inside another one. Raises FaultError, AnswerCutOff when the document ends too early, UnexpectedAnswer when it is none.
    """
    faults = {f"{{{ENVELOPE}}}Fault", f"{{{ENVELOPE_12}}}Fault"}
    parser = etree.XMLPullParser(
        events=("end",),
        tag=[*tags, *faults],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    is_checked = has_begun = False
    try:
        for piece in pieces:
            has_begun = has_begun or bool(piece)
            parser.feed(piece)
            for _, found in parser.read_events():
                element = cast(Element, found)
                if not is_checked:
                    _refuse_document_type(element)
                    is_checked = True
                if element.tag in faults:
                    raise FaultError(read_fault(element))
                yield element
                _forget(element)
    except etree.XMLSyntaxError as error:
        raise UnexpectedAnswer(sentence("expected XML: %(msg)s", msg=str(error.msg))) from error
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_DOCUMENT_EMPTY and has_begun:  # type: ignore[attr-defined]
            raise UnexpectedAnswer(sentence("expected XML, got something else")) from error
        raise AnswerCutOff(sentence("the document is not complete: %(msg)s", msg=str(error.msg))) from error


def _refuse_document_type(element: Element) -> None:
    if element.getroottree().docinfo.doctype:  # type: ignore[attr-defined]
        raise UnexpectedAnswer(sentence("the answer declares a document type"))


def _forget(element: Element) -> None:
    """Empty an element that was used, and drop the emptied ones before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True)


def _text(element: Element | None) -> str:
    return " ".join("".join(map(str, element.itertext())).split()) if element is not None else ""
