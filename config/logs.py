"""How log lines look: readable on a terminal, JSON in production; secrets and personal data are cut out of both."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

SECRET_WORDS = re.compile(
    r"""(?ix) ((?:password|passwd|pwd|secret|token|api[_-]?key|authorization|cookie|session_?id)[\w-]*)  # token, access_token, token_id
        (["']?\s*[=:]\s*)
        ("[^"]*" | '[^']*' | (?:bearer|basic)\s+\S+ | [^\s"'&,;]+)"""
)
SCHEMES = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
USER_OF_URL = re.compile(r"(?<=://)[^/\s@]+(?=@)")  # before e-mails are looked for: the two look alike
EMAIL = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+\.[\w.-]+")
# What databases quote when a row breaks a rule: the row itself.
QUOTED_ROW = re.compile(r"(?m)^(.*\b(?:DETAIL|CONTEXT):).*$|(?<=Failing row contains ).*")


def scrub(text: str) -> str:
    """`text` without values that follow a secret's name, passwords in addresses, e-mail addresses and rows a database quotes."""
    text = QUOTED_ROW.sub(lambda found: f"{found[1] or ''} ***", text)
    text = SCHEMES.sub(r"\1 ***", SECRET_WORDS.sub(r"\1\2***", USER_OF_URL.sub("***", text)))
    return EMAIL.sub("<e-mail>", text)


def scrubbed(value: Any) -> Any:
    """The same for whatever a log line may carry; what a key names as secret goes whole."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {key: "***" if SECRET_WORDS.match(f"{key}=x") else scrubbed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [scrubbed(one) for one in value]
    return scrub(str(value)) if isinstance(value, BaseException) else value


def _scrub_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: value if key.startswith("_") else scrubbed(value) for key, value in event.items()}


def formatter(as_json: bool) -> logging.Formatter:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _scrub_event,
    ]
    last: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )


structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _scrub_event,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
