"""One tenant's Human_Resources service: sends a body, gives back what came, and believes no page that contradicts itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial

from config.errors import AnswerCutOff, UnexpectedAnswer
from config.sentences import sentence
from integrations.vendors.workday import faults, requests
from integrations.vendors.workday.bsvc import Element, T
from integrations.vendors.workday.parse import Payload, Reading, worker
from integrations.wire import soap
from integrations.wire.auth import RefreshToken
from integrations.wire.http import Line, Response

RESULTS, WORKER, NOW = T.Response_Results, T.Worker, T.Server_Timestamp_Data


@dataclass(frozen=True)
class Clock:
    """Workday's own time. `on` is the date there, in the offset it speaks in; `text` word for word."""

    moment: datetime
    on: date
    text: str
    ms: int = 0


@dataclass
class Answer:
    """One page of Get_Workers: what was announced and what came."""

    total: int = 0
    pages: int = 0
    page: int = 0
    announced: int = 0
    workers: list[Payload] = field(default_factory=list)
    ms: int = 0


@dataclass(frozen=True)
class Service:
    """`security` makes a fresh WS-Security header for each request; without it, `auth` carries a bearer token."""

    line: Line
    url: str
    version: str
    auth: RefreshToken | None = None
    security: Callable[[], Element] | None = None
    throttle_words: Sequence[str] = ()
    wait_seconds: float = 80.0

    def clock(self) -> Clock:
        """Raises UnexpectedAnswer where no timestamp can be found in the answer."""
        with self._post(requests.server_timestamp_get(self.version)) as response:
            texts = ["".join(map(str, element.itertext())) for element in self._elements(response, (NOW,))]
            return _clock(texts[0] if texts else "", response.elapsed_ms)

    def page(self, query: requests.WorkersQuery, reading: Reading) -> Answer:
        """Raises AnswerCutOff where fewer or more workers came than the page says it has."""
        answer = Answer()
        is_told = False
        with self._post(requests.get_workers(query)) as response:
            answer.ms = response.elapsed_ms
            for element in self._elements(response, (RESULTS, WORKER)):
                if element.tag == WORKER:
                    answer.workers.append(worker(element, reading))
                else:
                    is_told = True
                    _read_results(element, answer)
        if not is_told:
            raise UnexpectedAnswer(sentence("Get_Workers answered without Response_Results"))
        _believe(answer, query)
        return answer

    def _post(self, body: Element) -> Response:
        """Like `Line.request`, with one more case: a spent token may be refused by a fault instead of a 401."""
        send = partial(self._send, body)
        response = send()
        if self.auth is not None and not response.is_good:
            fault = soap.find_fault(response)
            if fault is not None and faults.is_sign_in(fault):
                self.auth.renew(self.line)
                response = send()
        error = faults.explain(response, self.throttle_words)
        if error is not None:
            raise error
        return response

    def _send(self, body: Element) -> Response:
        document = soap.envelope(body, (*((self.security(),) if self.security else ()), requests.common_header()))
        headers = {"Content-Type": soap.CONTENT_TYPE, "SOAPAction": '""'}
        wait = self.wait_seconds
        return self.line.post(self.url, data=document, headers=headers, auth=self.auth, timeout_seconds=wait, stream=True, explain=False)

    def _elements(self, response: Response, tags: tuple[str, ...]) -> Iterator[Element]:
        try:
            yield from soap.elements(response.iter_bytes(), tags)
        except soap.FaultError as error:
            raise faults.explain_fault(error.fault, self.throttle_words, response.redactor) from error


def _clock(text: str, ms: int) -> Clock:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UnexpectedAnswer(sentence("Server_Timestamp_Get answered without a time")) from error
    if moment.tzinfo is None:
        raise UnexpectedAnswer(sentence("Workday's time came without an offset"))
    return Clock(moment.astimezone(UTC), moment.date(), text.strip(), ms)


def _read_results(element: Element, answer: Answer) -> None:
    told = {child.tag: child.text for child in element}
    answer.total = _count(told, T.Total_Results)
    answer.pages = _count(told, T.Total_Pages)
    answer.announced = _count(told, T.Page_Results)
    answer.page = _count(told, T.Page)


def _count(told: dict[str, str | None], name: str) -> int:
    """Workday counts in decimals."""
    try:
        return int(Decimal((told.get(name) or "").strip()))
    except InvalidOperation as error:
        raise UnexpectedAnswer(sentence("%(what)s is not a number", what=name.rpartition("}")[2])) from error


def _believe(answer: Answer, query: requests.WorkersQuery) -> None:
    if len(answer.workers) != answer.announced:
        raise AnswerCutOff(
            sentence(
                "page %(page)s announced %(announced)s workers and carried %(workers)s",
                page=query.page,
                announced=answer.announced,
                workers=len(answer.workers),
            )
        )
    if answer.total and answer.page != query.page:
        raise AnswerCutOff(sentence("asked for page %(asked)s, got page %(got)s", asked=query.page, got=answer.page))
    if answer.pages > query.page and not answer.workers:
        raise AnswerCutOff(sentence("page %(page)s of %(pages)s is empty", page=query.page, pages=answer.pages))
