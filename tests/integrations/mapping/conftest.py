"""The stage for mapping tests: a connector of the probe vendor, its mapping in force, a value map."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import transaction

from config.audit.cause import because
from config.audit.models import Cause
from config.roles.models import User
from integrations import vendors
from integrations.connectors.models import Connector
from integrations.mapping.models import MappingVersion, ValueMap, ValueMapRow
from integrations.mapping.shapes import shape_of
from integrations.mapping.value_maps import fold
from integrations.mapping.versions import install_default
from integrations.records.models import SourceRecord
from tests.integrations.mapping.probe import PEOPLE, RECORD

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def probe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(vendors.VENDORS, "probe", "tests.integrations.mapping.probe.Probe")
    shape_of.cache_clear()
    yield
    shape_of.cache_clear()


@pytest.fixture
def connector(db: None) -> Connector:
    return Connector.objects.create(key="probe", name="Probe HR", vendor="probe")


@pytest.fixture
def author(db: None) -> User:
    return User.objects.create_superuser("lea")


@pytest.fixture
def mapped(connector: Connector, author: User) -> MappingVersion:
    return install_default(connector, "people", PEOPLE, author)


@pytest.fixture
def locations(db: None) -> ValueMap:
    value_map, _ = ValueMap.objects.get_or_create(key="locations", defaults={"name": "Locations"})
    ValueMapRow.objects.create(value_map=value_map, source="BER-01", folded=fold("BER-01"), target="Berlin")
    return value_map


@pytest.fixture
def record(connector: Connector) -> SourceRecord:
    return new_record(connector, "42")


@pytest.fixture
def cause(author: User) -> Cause:
    with transaction.atomic():
        return because("decision", "test", actor=author)


def new_record(connector: Connector, external_id: str, **payload: object) -> SourceRecord:
    return SourceRecord.objects.create(
        connector=connector,
        stream="people",
        external_id=external_id,
        payload={**RECORD, "id": external_id, **payload},
        content_hash="0" * 32,
        pending=False,
        mapping_version=1,
        first_seen_at=NOW,
        changed_at=NOW,
    )
