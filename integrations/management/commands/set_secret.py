"""Store one secret of a connector from the shell, where there is no browser at hand. It is read from standard input, never from the
command line, which other people on the machine could read.

manage.py set_secret academy token < token.txt
"""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management.base import CommandParser

from config.management.answer import AnsweringCommand, Exit
from integrations.connectors.decisions import RotateCredential
from integrations.connectors.models import Connector
from integrations.vendors import vendor_class


class Command(AnsweringCommand):
    help = "Store or replace one secret of a connector; it is read from standard input. Exit 0, or 2 when there is no such secret."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("connector", help="the connector's key")
        parser.add_argument("name", help="which secret, as the connector's page names it: token, password, api_key …")

    def handle(self, *args: Any, **options: Any) -> None:
        key, name = options["connector"], options["name"]
        connector = Connector.objects.filter(key=key).first()
        names = [one.key for one in vendor_class(connector.vendor).settings if one.kind == "secret"] if connector else []
        if connector is None or name not in names:
            wrong = (
                f"“{key}” has no secret “{name}”; it has: {', '.join(names) or 'none'}" if connector else f"there is no connector “{key}”"
            )
            self.answer(options, [], None, [wrong], Exit.INVALID)
            return
        value = (getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.read()).strip()
        if not value:
            self.answer(options, [], None, ["nothing came on standard input"], Exit.INVALID)
            return
        RotateCredential(None, connector, name, value).execute("set from the shell")
        self.answer(
            options, [f"stored “{name}” of “{key}”; manage.py check_vendor {key} tells whether it works"], {"connector": key, "name": name}
        )
