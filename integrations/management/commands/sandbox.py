"""Serve the invented company and its vendors on this machine.

manage.py sandbox                 on the address of ROLLCALL_SANDBOX_URL
manage.py sandbox --size 100000   a larger company, for measuring
manage.py sandbox --tls           over https as well, for clients that speak nothing else; says which certificate to trust
"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import clock
from integrations.sandbox.sandbox import Sandbox
from integrations.sandbox.server import serve
from integrations.sandbox.tls import Tls
from integrations.sandbox.world import DEFAULT_SIZE, World

TLS_PORT = 8443
TLS_FOLDER = "tls"
HR_FOLDER = "hr-extract"  # where the third HR system drops its file, as a watched folder of the CSV connector


class Command(BaseCommand):
    help = "Serve the sandbox: an invented company behind emulated vendors. Never in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", type=int, default=DEFAULT_SIZE, help="people in the company, when it is made for the first time")
        parser.add_argument("--port", type=int, default=0, help="instead of the port of ROLLCALL_SANDBOX_URL")
        said = f"over https as well, at this port ({TLS_PORT}); the certificate is made anew at each start"
        parser.add_argument("--tls", type=int, nargs="?", const=TLS_PORT, metavar="PORT", help=said)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("the sandbox does not run in production")
        address = urlsplit(settings.SANDBOX_URL)
        port = options["port"] or address.port or 8001
        tls = Tls(settings.SANDBOX_DIR / TLS_FOLDER) if options["tls"] is not None else None
        serve(
            address.hostname or "127.0.0.1",
            port,
            make_sandbox(options["size"]),
            lambda url: self.stdout.write(f"sandbox on {url}" + (f", trust {tls.ca_file}" if tls and url.startswith("https") else "")),
            tls_port=options["tls"],
            tls=tls,
        )


def _advance(days: int) -> None:
    clock.advance(timedelta(days=days))


def make_sandbox(size: int = DEFAULT_SIZE) -> Sandbox:
    """The installation's own sandbox: its state lives in the data folder, its clock is Rollcall's."""
    folder = settings.SANDBOX_DIR
    folder.mkdir(parents=True, exist_ok=True)
    (folder / HR_FOLDER).mkdir(exist_ok=True)
    world = World(size=size, today=clock.today(), now=clock.now, state_dir=folder, drop_folder=folder / HR_FOLDER)
    return Sandbox(
        world,
        state_dir=folder,
        advance=_advance,
        rollcall_url=settings.PUBLIC_URL,
    )
