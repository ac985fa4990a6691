"""How BambooHR is addressed, and what its answers mean. Source: docs/vendors/bamboohr.md §1, §7."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, Any

import orjson

from config.errors import CursorExpired, NotFound, RateLimited, RollcallError, SettingInvalid, UnexpectedAnswer
from config.sentences import sentence
from integrations.wire.auth import Basic
from integrations.wire.http import Line, Response, explain_status

JSON = "application/json"
REPORT_SECONDS = 900.0  # a report over everybody is put together while we wait; minutes for a large company
REPORT_BYTES = 1024 * 1024 * 1024  # 100,000 people with 25 fields are some 80 MB
IN_MEMORY = 4 * 1024 * 1024  # bytes of a report that stay in memory; more waits in an unlinked temporary file
CHUNK = 256 * 1024
REASON_HEADERS = ("x-bamboohr-error-message", "x-bamboohr-message")
COMPANY = re.compile(r"[a-z0-9][a-z0-9-]*", re.IGNORECASE)


def base_url(config: Mapping[str, Any]) -> str:
    """The address up to and with the version (`…/v1`), without a closing slash. Raises SettingInvalid."""
    own = str(config.get("base_url") or "").strip().rstrip("/")
    if own:
        return own
    company = str(config["company"]).strip()
    if not COMPANY.fullmatch(company):
        raise SettingInvalid(
            sentence("Company: “%(company)s” should be the first word of your address, as in https://acme.bamboohr.com", company=company),
            field="company",
        )
    if config["address"] == "gateway":
        return f"https://api.bamboohr.com/api/gateway.php/{company}/v1"
    return f"https://{company}.bamboohr.com/api/v1"


class Api:
    """The calls, with sign-in and the two headers that matter."""

    def __init__(self, line: Line, base: str, key: str) -> None:
        self.line = line
        self.base = base
        self.auth = Basic(key, "x")  # any password will do
        self.spent_ms = 0  # waiting for answers, all in all: what a connection test reports

    def get(self, path: str, params: list[tuple[str, str]] | None = None) -> Response:
        """`path` is under the base, or a version of its own as in "v1_2/datasets"."""
        return self._counted(self.line.get(self._address(path), params=params or [], headers={"Accept": JSON}, auth=self.auth))

    def post(self, path: str, body: Mapping[str, Any], params: list[tuple[str, str]] | None = None) -> Response:
        return self._counted(
            self.line.post(self._address(path), params=params or [], headers=_POST, data=orjson.dumps(body), auth=self.auth)
        )

    def _counted(self, response: Response) -> Response:
        self.spent_ms += response.elapsed_ms
        return response

    @contextmanager
    def download(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, params: list[tuple[str, str]] | None = None
    ) -> Iterator[Download]:
        """A large answer, fetched to its end before its first byte is used: the other side is not kept waiting while we store pages."""
        headers, data = (_POST, orjson.dumps(body)) if body is not None else ({"Accept": JSON}, None)
        with (
            self.line.request(
                method,
                self._address(path),
                params=params or [],
                headers=headers,
                data=data,
                auth=self.auth,
                timeout_seconds=REPORT_SECONDS,
                max_bytes=REPORT_BYTES,
                stream=True,
            ) as response,
            tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file,
        ):
            self._counted(response)
            refuse_other_formats(response)
            for piece in response.iter_bytes(CHUNK):
                file.write(piece)
            file.seek(0)
            yield Download(file, said_at(response))

    def _address(self, path: str) -> str:
        if path.startswith(("v1_2/", "v2/")):
            return f"{self.base.rpartition('/')[0]}/{path}"
        return f"{self.base}/{path}"


_POST = {"Accept": JSON, "Content-Type": JSON}  # exactly this: with a charset the report endpoint takes the body for XML (§2)


class Download:
    """An answer on disk, and when the source says it was made (UTC, None where it did not say)."""

    def __init__(self, file: IO[bytes], said_at: datetime | None) -> None:
        self.file = file
        self.said_at = said_at

    def chunks(self) -> Iterator[bytes]:
        while chunk := self.file.read(CHUNK):
            yield chunk


def said_at(response: Response) -> datetime | None:
    """The source's own clock (UTC), from the Date header; None without one."""
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).astimezone(UTC)
    except (ValueError, TypeError):
        return None


def moment(text: Any) -> datetime | None:
    """A stamp such as 2026-06-09T10:13:20+00:00 or …Z as UTC; None for anything else."""
    try:
        found = datetime.fromisoformat(str(text or ""))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def explain(response: Response) -> RollcallError | None:
    """What an answer means. The reason usually stands in a header, the body is often empty (§7)."""
    error = explain_status(response)
    if error is None:
        return _other_format(response)
    reason = next((response.headers[name] for name in REASON_HEADERS if name in response.headers), "")
    detail = f"{response.status} {response.redactor.text(reason)}" if reason else error.detail
    if response.status == 400 and "BadPage" in response.text[:2000]:
        return CursorExpired(detail)
    if response.status == 503 and "retry-after" in response.headers:  # how throttling was said until September 2026 (§7)
        return RateLimited(detail, retry_at=error.retry_at)
    if response.status == 403 and not reason:
        detail = "403: the key's user may not see this, or the key is locked after repeated wrong sign-ins"
    if isinstance(error, NotFound) and not reason:
        detail = "404: check the company name and the address in the connector"
    found = type(error)(detail)
    found.retry_at = error.retry_at
    return found


def refuse_other_formats(response: Response) -> None:
    error = _other_format(response)
    if error is not None:
        raise error


def _other_format(response: Response) -> RollcallError | None:
    """A 200 with a page or with XML is no answer: a sign-in page, or an address that does not honour Accept (§1)."""
    if response.content_type.endswith(("html", "xml")):
        return UnexpectedAnswer(sentence("%(content_type)s instead of JSON", content_type=response.content_type))
    return None
