"""What of an address and of an answer may be written down: no secret, no e-mail address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

HIDDEN = "•••"
# Names of parameters whose value is a key to something. Compared without case, "-", "_" and ".".
SECRET_NAMES = (
    "token",
    "secret",
    "password",
    "passwd",
    "pwd",
    "apikey",
    "accesskey",
    "privatekey",
    "authorization",
    "signature",
    "assertion",
    "credential",
    "session",
    "samlresponse",
)
SECRET_NAMES_ALONE = frozenset({"key", "sig", "code", "auth", "jwt", "state", "sid", "pass", "wstoken", "source"})
SHORTEST_SECRET = 4  # hiding every "a" or "12" in a text would leave nothing to read

_EMAIL = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)


class Redactor:
    """Hides the values it was told about, wherever they stand, and everything that looks like a key or an e-mail address."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Learn more secrets, for instance a token that was just issued."""
        for secret in secrets:
            if len(secret) >= SHORTEST_SECRET:
                self._secrets.update({secret, quote(secret, safe=""), quote_plus(secret)})
        # Longest first, so that a secret that contains another is hidden whole.
        ordered = sorted(self._secrets, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(secret) for secret in ordered)) if ordered else None

    def text(self, text: str) -> str:
        """`text` without secrets and e-mail addresses."""
        if self._pattern is not None:
            text = self._pattern.sub(HIDDEN, text)
        return _EMAIL.sub(HIDDEN, text)

    def url(self, url: str) -> str:
        """`url` without user name, password, fragment, secrets and e-mail addresses; parameter names stay."""
        try:
            parts = urlsplit(url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return HIDDEN
        host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or ""
        query = "&".join(_pair(pair) for pair in parts.query.split("&")) if parts.query else ""
        return self.text(urlunsplit((parts.scheme, host + port, parts.path, query, "")))


def is_secret_name(name: str) -> bool:
    """Whether a parameter or header of this name carries a key."""
    folded = re.sub(r"[-_.]", "", name.lower())
    return folded in SECRET_NAMES_ALONE or any(word in folded for word in SECRET_NAMES)


def _pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}={HIDDEN}" if equals and value and is_secret_name(name) else pair
