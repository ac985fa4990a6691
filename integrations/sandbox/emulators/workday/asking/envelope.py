"""Reading what came in: one SOAP 1.1 envelope, its credentials and its body."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from integrations.sandbox.emulators.workday.asking.faults import ENVELOPE, SoapFault, unreadable

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
PASSWORD_TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"  # noqa: S105
XML_TYPES = ("text/xml", "application/xml")


@dataclass(frozen=True)
class Token:
    """A WS-Security UsernameToken as sent. `is_text` is False for a digest, which this service does not take."""

    username: str
    password: str
    is_text: bool


@dataclass(frozen=True)
class Call:
    """The body's only child, and who says to be calling. `with_descriptors` is the vendor's common header."""

    request: etree._Element
    token: Token | None
    with_descriptors: bool = True

    @property
    def operation(self) -> str:
        return etree.QName(self.request).localname


def read(body: bytes) -> Call:
    """Raises SoapFault for anything that is not one SOAP 1.1 envelope with one element in its body."""
    root = _parsed(body)
    if etree.QName(root).localname != "Envelope" or etree.QName(root).namespace != ENVELOPE:
        raise SoapFault("VersionMismatch", "The envelope is not a SOAP 1.1 envelope.")
    inside = root.find(f"{{{ENVELOPE}}}Body")
    children = [] if inside is None else [child for child in inside if isinstance(child.tag, str)]
    if len(children) != 1:
        raise unreadable("the body must hold exactly one element")
    header = root.find(f"{{{ENVELOPE}}}Header")
    descriptors = None if header is None else header.find(".//{*}Include_Reference_Descriptors_In_Response")
    wanted = descriptors is None or (descriptors.text or "").strip() not in ("0", "false")
    return Call(children[0], _token(header), wanted)


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise unreadable("not well-formed XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise unreadable("a document type is not allowed")
    return root


def _token(header: etree._Element | None) -> Token | None:
    found = None if header is None else header.find(f"{{{WSSE}}}Security/{{{WSSE}}}UsernameToken")
    if found is None:
        return None
    password = found.find(f"{{{WSSE}}}Password")
    return Token(
        username=(found.findtext(f"{{{WSSE}}}Username") or "").strip(),
        password=((password.text if password is not None else "") or "").strip(),
        is_text=password is not None and password.get("Type", PASSWORD_TEXT) == PASSWORD_TEXT,
    )
