"""A configured connector becomes a vendor with an open, guarded, limited and logged line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from redis import Redis

from config import clock
from config.bulk import rows_a_step
from config.errors import RollcallError
from integrations.connectors.models import Connector, Credential, RequestLog
from integrations.vendors import vendor_class
from integrations.vendors.base import Vendor
from integrations.wire.http import Exchange, Line
from integrations.wire.limits import Limiter, Store, file_store, redis_store
from integrations.wire.safe_url import Guard


class RequestSink:
    """Keeps what a line did until it is worth a write: one insert for many calls, never inside the caller's HTTP."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.exchanges: list[RequestLog] = []

    def __call__(self, exchange: Exchange) -> None:
        self.exchanges.append(
            RequestLog(
                connector=self.connector,
                at=clock.now() - timedelta(milliseconds=exchange.ms),
                method=exchange.method,
                url=exchange.url[:500],
                status=exchange.status or None,
                ms=exchange.ms,
                sent_bytes=exchange.sent_bytes,
                received_bytes=exchange.received_bytes,
                error_code=exchange.error_code,
            )
        )

    def flush(self) -> None:
        pending, self.exchanges = self.exchanges, []
        RequestLog.objects.bulk_create(pending, batch_size=500)


@contextmanager
def opened(connector: Connector, *, urgent: bool = False) -> Iterator[Vendor]:
    """The connector's vendor, ready to be asked. Raises SettingMissing, SettingInvalid, KeyRingUnusable.

    What it did over the wire is logged at the end, also after an error. Never use it inside a transaction.
    """
    cls = vendor_class(connector.vendor)
    secrets = dict(Credential.objects.filter(connector=connector).values_list("name", "value"))
    sink = RequestSink(connector)
    limiter = (
        Limiter(connector.key, cls.limits.per_second, cls.limits.burst, limit_store(), clock=clock.now) if _is_limited(connector) else None
    )
    line = Line(
        guard=guard(),
        limiter=limiter,
        log=sink,
        redact=tuple(secrets.values()),
        urgent=urgent,
        clock=clock.now,
    )
    try:
        vendor = cls(connector.settings, secrets, line)
        vendor.page_rows = rows_a_step()
        yield vendor
        Credential.objects.filter(connector=connector).update(last_used_at=clock.now())
    except RollcallError as error:
        error.connector = error.connector or connector.key
        raise
    finally:
        line.close()
        if limiter is not None:
            limiter.close()
        sink.flush()


def guard() -> Guard:
    """What this installation may call and read, by its settings."""
    return Guard(
        allow_networks=settings.ALLOWED_NETWORKS,
        allow_hosts=() if settings.PRODUCTION else settings.SANDBOX_HOSTS,  # whatever started this process, and without any check
        own_hosts=[urlsplit(settings.PUBLIC_URL).hostname or ""] if settings.PRODUCTION else [],
        allow_folders=settings.FILE_FOLDERS,
    )


def limit_store() -> Store:
    """Where calls are counted: Redis, or one file that the processes of this machine share."""
    if settings.REDIS_URL:
        return redis_store(Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1))
    path = Path(settings.DATA_DIR) / "limits.sqlite3"
    return file_store(path)


def _is_limited(connector: Connector) -> bool:
    """The sandbox on loopback sets limits of its own; everything else is called within the vendor's published ones."""
    hosts = {urlsplit(str(value)).netloc for value in connector.settings.values() if isinstance(value, str) and "://" in value}
    return not hosts & set(settings.SANDBOX_HOSTS)
