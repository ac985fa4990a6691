"""How this service says no: SOAP 1.1 faults on HTTP 500. Source: docs/vendors/workday.md §4."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
WD = "urn:com.workday/bsvc"


@dataclass(frozen=True)
class Violation:
    """One thing wrong with a request. `xpath` points at it."""

    message: str
    xpath: str = ""


class SoapFault(Exception):
    """Ends the handling of a call; `code` without its prefix, e.g. Client.validationError."""

    def __init__(self, code: str, text: str, violations: tuple[Violation, ...] = (), detail: str = "") -> None:
        super().__init__(text)
        self.code, self.text, self.violations, self.detail = code, text, violations, detail

    def envelope(self) -> bytes:
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="{ENVELOPE}"><SOAP-ENV:Body>'
            f'<SOAP-ENV:Fault xmlns:wd="{WD}"><faultcode>SOAP-ENV:{self.code}</faultcode><faultstring>{escape(self.text)}</faultstring>'
            f"{self._detail()}</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>"
        ).encode()

    def _detail(self) -> str:
        if self.violations:
            errors = "".join(
                f"<wd:Validation_Error><wd:Message>{escape(v.message)}</wd:Message><wd:Detail_Message>{escape(v.message)}</wd:Detail_Message>"
                f"<wd:Xpath>{escape(v.xpath)}</wd:Xpath></wd:Validation_Error>"
                for v in self.violations
            )
            return f"<detail><wd:Validation_Fault>{errors}</wd:Validation_Fault></detail>"
        if self.detail:
            inner = f"<wd:Detail_Message><wd:Message>{escape(self.detail)}</wd:Message></wd:Detail_Message>"
            return f"<detail><wd:Processing_Fault>{inner}</wd:Processing_Fault></detail>"
        return ""


def not_authenticated() -> SoapFault:
    return SoapFault("Client.authenticationError", "invalid username or password")


def not_authorized(code: str) -> SoapFault:
    """`code` is a setting: the text is known, the fault code is not."""
    return _unprocessed(code, "The task submitted is not authorized.")


def invalid(*violations: Violation) -> SoapFault:
    return SoapFault("Client.validationError", f"Validation error occurred. {violations[0].message}", violations)


def throttled() -> SoapFault:
    """A throttle is a 500 like everything else, without Retry-After."""
    return _unprocessed("Server.processingError", "Too many requests, try again later.")


def _unprocessed(code: str, why: str) -> SoapFault:
    return SoapFault(code, f"Processing error occurred. {why}", detail=why)


def unreadable(why: str) -> SoapFault:
    return SoapFault("Client", f"The request could not be read: {why}")
