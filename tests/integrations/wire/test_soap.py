from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest
from lxml import etree
from lxml.builder import ElementMaker

from config.errors import AnswerCutOff, UnexpectedAnswer
from integrations.wire.http import Response
from integrations.wire.soap import (
    ENVELOPE,
    ENVELOPE_12,
    PASSWORD_TEXT,
    WSSE,
    Fault,
    FaultError,
    elements,
    envelope,
    find_fault,
    parse,
    username_token,
)

WD = "urn:com.workday/bsvc"
WORKER = f"{{{WD}}}Worker"
wd = ElementMaker(namespace=WD, nsmap={"wd": WD})


def document(*workers: str, before: str = "") -> bytes:
    body = "".join(f"<Worker><ID>{worker}</ID></Worker>" for worker in workers)
    return f'{before}<e:Envelope xmlns:e="{ENVELOPE}"><e:Body><R xmlns="{WD}"><Data>{body}</Data></R></e:Body></e:Envelope>'.encode()


def ids(pieces: Iterator[bytes] | list[bytes]) -> list[str]:
    return [element.findtext(f"{{{WD}}}ID") or "" for element in elements(pieces, [WORKER])]


def test_a_value_cannot_break_out_of_its_element() -> None:
    evil = "</wd:Worker_ID><wd:Include_Compensation>true</wd:Include_Compensation>"
    sent = envelope(wd.Get_Workers_Request(wd.Worker_ID(evil)), [username_token("isu@acme", "pa<ss&word")])
    root = etree.fromstring(sent)
    assert sent.startswith(b"<?xml")
    assert root.findtext(f".//{{{WD}}}Worker_ID") == evil
    assert root.find(f".//{{{WD}}}Include_Compensation") is None
    password = root.find(f".//{{{ENVELOPE}}}Header/{{{WSSE}}}Security/{{{WSSE}}}UsernameToken/{{{WSSE}}}Password")
    assert password is not None and password.text == "pa<ss&word" and password.get("Type") == PASSWORD_TEXT


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_elements_come_one_by_one_however_the_answer_is_cut(size: int) -> None:
    content = document("1", "2", "Zoë")
    assert ids([content[start : start + size] for start in range(0, len(content), size)]) == ["1", "2", "Zoë"]


def test_an_element_is_there_before_the_document_is_complete() -> None:
    content = document("1", "2")
    first = content.index(b"<Worker><ID>2")
    pieces = iter([content[:first]])
    assert next(elements(pieces, [WORKER])).findtext(f"{{{WD}}}ID") == "1"


def test_the_memory_does_not_grow_with_the_number_of_elements() -> None:
    def pieces(count: int) -> Iterator[bytes]:
        head, tail = document("x").split(b"<Worker><ID>x</ID></Worker>")
        yield head
        for number in range(count // 100):
            yield b"".join(b"<Worker><ID>%d</ID>%s</Worker>" % (number, b"<a>b</a>" * 20) for _ in range(100))
        yield tail

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            assert sum(1 for _ in elements(pieces(count), [WORKER])) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(10_000) < peak(1_000) * 1.5


@pytest.mark.parametrize("end", [0, 20, 60, -3, -30])
def test_a_document_that_ends_too_early_is_never_taken_for_whole(end: int) -> None:
    content = document("1", "2")
    with pytest.raises(AnswerCutOff):
        ids([content[: end % len(content)]])


@pytest.mark.parametrize("content", [b"<html><body><p>Sign in<br></body></html>", b"\x00\x01", b"{}"])
def test_something_else_is_an_unexpected_answer(content: bytes) -> None:
    with pytest.raises(UnexpectedAnswer):
        ids([content])
    with pytest.raises(UnexpectedAnswer):
        parse(content)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("prologue", [LAUGHS, OUTSIDE, "<!DOCTYPE x>"])
def test_a_document_type_is_refused(prologue: str) -> None:
    name = "&c;" if prologue is LAUGHS else "&f;" if prologue is OUTSIDE else "1"
    content = document(name, before=prologue)
    with pytest.raises(UnexpectedAnswer):
        ids([content])
    with pytest.raises(UnexpectedAnswer):
        parse(content)


FAULT_11 = f"""<e:Envelope xmlns:e="{ENVELOPE}"><e:Body><e:Fault><faultcode>e:Client.authenticationError</faultcode>
<faultstring>invalid username or password</faultstring><detail><Validation_Fault xmlns="{WD}"><Validation_Error><Message>Invalid ID value
</Message><Xpath>/a/b</Xpath></Validation_Error></Validation_Fault></detail></e:Fault></e:Body></e:Envelope>""".encode()
FAULT_12 = f"""<e:Envelope xmlns:e="{ENVELOPE_12}"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code>
<e:Reason><e:Text>no such tenant</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>""".encode()


def test_a_fault_is_read_as_a_value() -> None:
    fault = Fault("Client.authenticationError", "invalid username or password", {"Message": ["Invalid ID value"], "Xpath": ["/a/b"]})
    assert find_fault(Response(500, content=FAULT_11)) == fault
    assert find_fault(Response(500, content=FAULT_12)) == Fault("Sender", "no such tenant")


@pytest.mark.parametrize("content", [document("1"), b"<html>Fault</html", b"", b"<a>Fault</a>"])
def test_an_answer_without_a_fault_has_none(content: bytes) -> None:
    assert find_fault(Response(200, content=content)) is None


def test_a_fault_in_a_stream_is_raised() -> None:
    with pytest.raises(FaultError) as caught:
        ids([FAULT_11[:100], FAULT_11[100:]])
    assert caught.value.fault.message == "invalid username or password"
