from __future__ import annotations

import pytest

from integrations.mapping.decisions import PublishMapping, RestoreVersion
from integrations.mapping.models import MappingVersion, UnmappedValue, ValueMap, ValueMapRow
from integrations.mapping.value_map_decisions import ChangeCode, MapValue, RemoveCode
from integrations.mapping.value_map_rows import RowValues
from tests.contracts.decision import DecisionContract
from tests.integrations.mapping.conftest import NOW
from tests.rows import a_connector


def versions() -> tuple[MappingVersion, MappingVersion]:
    """The one in force, and a draft with the same rows."""
    published = MappingVersion.objects.get(connector=a_connector(), stream="workers", state="published")
    draft = MappingVersion.objects.create(connector=published.connector, stream="workers", number=published.number + 1, created_at=NOW)
    for row in published.rows.all():
        row.pk, row.mapping = None, draft
        row.save()
    return published, draft


class TestPublishMapping(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return PublishMapping(entitled, versions()[1])


class TestRestoreVersion(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        draft = versions()[1]
        MappingVersion.objects.filter(pk=draft.pk).update(state="retired")
        draft.refresh_from_db()
        return RestoreVersion(entitled, draft)


class TestMapValue(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        value_map = ValueMap.objects.create(key="sites", name="Sites")
        value = UnmappedValue.objects.create(
            value_map=value_map, connector=a_connector(), value="MUC-3", folded="muc-3", people=1, first_at=NOW, last_at=NOW
        )
        return MapValue(entitled, value, "Munich")


class TestRemoveCode(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        value_map = ValueMap.objects.create(key="sites", name="Sites")
        return RemoveCode(entitled, ValueMapRow.objects.create(value_map=value_map, source="MUC-3", folded="muc-3", target="Munich"))


class TestChangeCode(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        value_map = ValueMap.objects.create(key="sites", name="Sites")
        row = ValueMapRow.objects.create(value_map=value_map, source="MUC-3", folded="muc-3", target="Munich")
        return ChangeCode(entitled, row, RowValues("MUC-3", "München"))
