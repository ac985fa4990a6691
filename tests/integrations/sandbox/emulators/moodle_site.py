"""A Moodle without a socket, and the shortest way to call it."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from integrations.sandbox.emulators.moodle import Emulator
from integrations.sandbox.exchange import Request
from integrations.sandbox.faults import Faults
from integrations.sandbox.server import DEFAULT_TODAY
from integrations.sandbox.world import Clock, World

TOKEN = "moodle-demo-token"
REST = "/webservice/rest/server.php"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class MoodleSite:
    """`call("core_…", users=[{…}])` answers the decoded JSON; `ask` gives the bare response."""

    def __init__(self, state_dir=None, **settings):
        self.clock = Clock(DEFAULT_TODAY)
        self.faults = Faults()
        self.emulator = Emulator(World(size=100, today=DEFAULT_TODAY, now=self.clock), self.faults, settings, state_dir)
        self.token = TOKEN

    def ask(self, pairs, method="POST", query=(), **more):
        target = REST + ("?" + urlencode(list(query)) if query else "")
        body = urlencode(list(pairs)).encode() if method == "POST" else b""
        return self.emulator.handle(Request.of(method, target, {**FORM, **more}, body, base_url="http://localhost/moodle"))

    def call(self, function, **arguments):
        control = {"wstoken": self.token, "wsfunction": function, "moodlewsrestformat": "json"}
        return json.loads(self.ask([*control.items(), *php(arguments)]).content)

    def create(self, **values):
        """One ordinary user; returns the answer."""
        ordinary = {"username": "a.lee", "firstname": "Ana", "lastname": "Lee", "email": "a.lee@x.example", "auth": "saml2"}
        return self.call("core_user_create_users", users=[{**ordinary, **values}])

    def created(self, **values):
        return self.create(**values)[0]["id"]

    def update(self, userid, **values):
        return self.call("core_user_update_users", users=[{"id": userid, **values}])["warnings"]

    def by(self, field, *values):
        return self.call("core_user_get_users_by_field", field=field, values=list(values))

    def usernames(self):
        return {row["username"] for row in self.emulator.store.rows("SELECT username FROM user")}


def php(value, name=""):
    """Nested lists and dicts as PHP form fields."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [pair for key, inner in items for pair in php(inner, f"{name}[{key}]" if name else str(key))]
    return [(name, value)]
