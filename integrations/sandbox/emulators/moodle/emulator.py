"""A Moodle site, as far as its web services for people go.

Settings (all optional): `tokens` (text → {"username", "functions", "capabilities"}), `passwords` (user name → password, for
login/token.php), `learners` (False for a site without old accounts), and every field of `call.Settings`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

from integrations.sandbox.emulators.moodle import answers, cohorts, roles, site, users
from integrations.sandbox.emulators.moodle.call import Call, Function, Settings, Token
from integrations.sandbox.emulators.moodle.describe import checked
from integrations.sandbox.emulators.moodle.failure import MoodleFailure, access, invalid_parameter, missing_record
from integrations.sandbox.emulators.moodle.form import Params, variables
from integrations.sandbox.emulators.moodle.residents import move_in
from integrations.sandbox.emulators.moodle.store import Store
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import World

DEMO_TOKEN = "moodle-demo-token"  # noqa: S105  opens nothing but the sandbox
FUNCTIONS: dict[str, Function] = {**site.FUNCTIONS, **users.FUNCTIONS, **cohorts.FUNCTIONS, **roles.FUNCTIONS}
CONTROL = ("wstoken", "wsfunction", "moodlewsrestformat")
NOT_FOUND = "<!doctype html><html><head><title>404</title></head><body><p>Not Found</p></body></html>"


class Emulator:
    prefix = "/moodle"
    switches = ("expire_token_after", "empty")  # besides the common ones

    def __init__(self, world: World, faults: Faults, settings: dict[str, Any], state_dir: Path | None) -> None:
        self.world, self.faults = world, faults
        own = dict(settings)
        self._learners = bool(own.pop("learners", True))
        self._passwords: dict[str, str] = own.pop("passwords", {})
        self.tokens = {text: Token(text, **values) for text, values in own.pop("tokens", {DEMO_TOKEN: {}}).items()}
        self.settings = Settings()
        self.configure(**own)
        self.store = Store(state_dir / "moodle.sqlite3" if state_dir else None)
        self.writes: Counter[str] = Counter()  # rows written since the start, by kind; reading changes none of it
        self._spent: set[str] = set()
        move_in(self.store, self._now(), self._learners)

    def configure(self, **switches: Any) -> None:
        """Change the site's settings while it runs. Raises ValueError for unknown ones."""
        unknown = switches.keys() - {item.name for item in fields(Settings)}
        if unknown:
            raise ValueError(f"Moodle has no setting {', '.join(sorted(unknown))}")
        for name, value in switches.items():
            setattr(self.settings, name, tuple(value) if isinstance(value, list) else value)

    def handle(self, request: Request) -> Response:
        if request.path == "/webservice/rest/server.php" and request.method in ("GET", "POST"):
            return self._rest(request)
        if request.path == "/login/token.php":
            return self._token(request)
        return Response.text(NOT_FOUND, status=404, content_type="text/html; charset=utf-8")

    def state(self) -> dict[str, Any]:
        """For the control API and the page: how many accounts (but the guest), how many writes, which release."""
        counts = self.store.row("SELECT count(*) AS users, total(suspended) AS suspended FROM user WHERE deleted = 0 AND id > 1") or {}
        return {
            "users": counts["users"],
            "suspended": int(counts["suspended"]),
            "writes": dict(self.writes),
            "release": self.settings.release,
            "maintenance": self.settings.maintenance,
        }

    def accounts(self, text: str = "", start: int = 0, limit: int = 50) -> list[dict[str, Any]]:
        """People as the site keeps them, newest first, for the page."""
        like = f"%{text}%"
        return self.store.rows(
            "SELECT * FROM user WHERE deleted = 0 AND id > 1 AND (firstname || ' ' || lastname LIKE ? OR username LIKE ? OR email LIKE ?"
            " OR idnumber LIKE ?) ORDER BY timemodified DESC, id DESC LIMIT ? OFFSET ?",
            like,
            like,
            like,
            like,
            limit,
            start,
        )

    def reset(self) -> None:
        self.store.empty()
        self.writes.clear()
        self._spent.clear()
        move_in(self.store, self._now(), self._learners)

    def close(self) -> None:
        self.store.close()

    # ── the REST door ───────────────────────────────────────────────────────────────────────────────

    def _rest(self, request: Request) -> Response:
        if not self.settings.rest_enabled:
            return Response(status=403, note="REST is off")
        params = variables(request, self.settings.max_input_vars)
        as_json = params.get("moodlewsrestformat") == "json"
        name = params.get("wsfunction")
        try:
            answer = answers.result(self._call(params, request.base_url), as_json)
        except MoodleFailure as error:
            answer = answers.failure(error, as_json, self.settings.release, self.settings.debug)
        answer.note = " ".join(word for word in (name if isinstance(name, str) else "", answer.note) if word)
        return answer

    def _call(self, params: Params, base_url: str) -> Any:
        token = self._authenticated(params.get("wstoken"))
        if self.settings.maintenance:
            raise MoodleFailure("sitemaintenance", "The site is undergoing maintenance and is currently not available")
        self._may_sign_in(token)
        function = self._function(params.get("wsfunction"), token)
        given = {key: value for key, value in params.items() if key not in CONTROL and not key.startswith("moodlewssetting")}
        call = Call(
            params=checked(function.takes, given, self.settings.site),
            token=token,
            store=self.store,
            settings=self.settings,
            writes=self.writes,
            now=self._now(),
            base_url=base_url,
            empty=self.faults.for_vendor("moodle").empty,
            functions=self._allowed(token),
        )
        return function.answer(call)

    def _authenticated(self, text: Any) -> Token:
        """Raises invalidtoken; an expired one says accessexception once and is then forgotten."""
        token = self.tokens.get(text) if isinstance(text, str) else None
        if token is None or token.text in self._spent:
            raise MoodleFailure("invalidtoken", "Invalid token - token not found")
        if self.faults.for_vendor("moodle").token_expired():
            self._spent.add(token.text)
            raise access("Invalid token - token expired - check validuntil time for the token")
        return token

    def _may_sign_in(self, token: Token) -> None:
        me = self.store.row("SELECT * FROM user WHERE username = ?", token.username)
        if me is None or me["deleted"]:
            raise MoodleFailure("wsaccessuserdeleted", f"Refused web service access for deleted username: {token.username}")
        if me["suspended"]:
            raise MoodleFailure("wsaccessusersuspended", f"Refused web service access for suspended username: {token.username}")
        if me["auth"] == "nologin":
            raise MoodleFailure("wsaccessusernologin", f"Refused web service access for nologin authentication username: {token.username}")

    def _function(self, name: Any, token: Token) -> Function:
        if not isinstance(name, str) or not name:
            raise invalid_parameter("Missing function name")
        if name not in FUNCTIONS:
            raise missing_record("external_functions")
        if name not in self._allowed(token):
            raise access(f"Access to the function {name}() is not allowed.")
        return FUNCTIONS[name]

    def _allowed(self, token: Token) -> tuple[str, ...]:
        return tuple(FUNCTIONS) if token.functions is None else token.functions

    # ── login/token.php ─────────────────────────────────────────────────────────────────────────────

    def _token(self, request: Request) -> Response:
        given = variables(request, self.settings.max_input_vars)
        username, password = str(given.get("username", "")), given.get("password")
        if not given.get("service"):
            return _login_failure("missingparam", "A required parameter (service) was missing")
        if username not in self._passwords or self._passwords[username] != password:
            return _login_failure("invalidlogin", "Invalid login, please try again")
        for token in self.tokens.values():
            if token.username == username:
                return Response.json({"token": token.text, "privatetoken": None})
        return _login_failure("cannotcreatetoken", "Cannot create a token for this service")

    def _now(self) -> int:
        return int(self.world.now().timestamp())


def _login_failure(code: str, sentence: str) -> Response:
    """Another shape than the one of the REST door."""
    return Response.json({"error": sentence, "errorcode": code, "stacktrace": None, "debuginfo": None, "reproductionlink": None})
