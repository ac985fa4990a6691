"""What people decide about mappings: put a draft in force, go back to an earlier version, give a code its name."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from config import clock
from config.audit.models import Cause
from config.bell import ring
from config.decisions import Decision, Effect
from config.errors import PlanStale
from config.roles.models import User
from config.sentences import sentence
from integrations.mapping.compare import compare, told
from integrations.mapping.models import MappingState, MappingVersion, UnmappedValue, ValueMapRow
from integrations.mapping.shapes import shape_of
from integrations.mapping.translate import compile_version
from integrations.mapping.trial import try_version
from integrations.mapping.unmapped import release
from integrations.mapping.value_map_rows import OBJECT, RowValues, count_using, remove_row, set_row
from integrations.mapping.value_maps import fold
from integrations.mapping.versions import of_stream, problems, publish, restore
from integrations.records.minimise import allowed, why_read_again
from integrations.records.models import SourceRecord
from integrations.vendors import vendor_class

SECOND_PERSON = "mapping_needs_second_person"  # in Connector.policy: whoever made the draft may not publish it


class MappingDecision(Decision):
    """What the decisions about a version have in common."""

    object_type = "mapping"

    def __init__(self, actor: User | None, version: MappingVersion) -> None:
        super().__init__(actor)
        self.version = version

    @property
    def object_id(self) -> str:
        return str(self.version.pk)

    @property
    def object_label(self) -> str:
        return str(self.version)

    def state(self) -> Any:
        standing = of_stream(self.version.connector, self.version.stream, MappingState.PUBLISHED)
        return {"published": standing.number if standing else None}


class PublishMapping(MappingDecision):
    """The draft comes into force. The reason is its note."""

    label = gettext_lazy("Publish")
    permission = "integrations.publish_mapping"
    asks_reason = True

    def author(self) -> User | None:
        return self.version.author if self.version.connector.policy.get(SECOND_PERSON) else None

    def preview(self) -> Effect:
        """What differs, and what the newest stored records would read instead. With anything wrong, only that."""
        wrong = problems(self.version)
        if wrong:
            return Effect([sentence("It cannot be published: %(why)s.", why=error.detail) for error in wrong], {"problems": len(wrong)})
        standing = of_stream(self.version.connector, self.version.stream, MappingState.PUBLISHED)
        shape = shape_of(self.version.connector.vendor, self.version.stream)
        found = compare(standing.rows.all() if standing else (), self.version.rows.all(), shape)
        sentences = told(found) or [sentence("Nothing differs from the version in force.")]
        if shape.is_out:
            if any(one.kind == "removed" for one in found):
                sentences.append(sentence("What was written there stays. The page of the mapping can remove it afterwards."))
            again = sentence("Everybody is planned again now; the guard weighs that plan before anything is written.")
            return Effect([*sentences, again], {"differences": len(found)})
        trial = try_version(self.version, clock.today())
        sentences += [
            sentence(
                "Of the %(tried)s newest records %(changed)s would read differently and %(aside)s would be set aside.",
                tried=trial.tried,
                changed=trial.changed,
                aside=trial.set_aside,
            ),
            sentence(
                "%(n)s record is translated and planned again now; the guard weighs that plan before anything is written.",
                "All %(n)s records are translated and planned again now; the guard weighs that plan before anything is written.",
                n=trial.total,
            ),
        ]
        sentences += filter(None, [why_read_again(self._kept(standing) if standing else frozenset(), self._kept(self.version))])
        counts = {"differences": len(found), "tried": trial.tried, "changed": trial.changed, "set_aside": trial.set_aside}
        return Effect(sentences, counts, danger=trial.set_aside)

    @staticmethod
    def _kept(version: MappingVersion) -> frozenset[str]:
        """The fields of a payload that are stored while this version is in force."""
        return allowed(compile_version(version).roots, vendor_class(version.connector.vendor).stream(version.stream).fields)

    def carry_out(self, cause: Cause) -> None:
        publish(self.version, cause.reason, cause, clock.now())
        ring("default")


class RestoreVersion(MappingDecision):
    """An earlier version becomes the draft. Nothing is in force before it is published."""

    label = gettext_lazy("Restore as draft")
    permission = "integrations.change_mappingversion"

    def preview(self) -> Effect:
        standing = of_stream(self.version.connector, self.version.stream, MappingState.PUBLISHED)
        shape = shape_of(self.version.connector.vendor, self.version.stream)
        found = compare(standing.rows.all() if standing else (), self.version.rows.all(), shape)
        sentences = [
            sentence("Version %(n)s becomes the draft; what is in force stays until the draft is published.", n=self.version.number)
        ]
        if of_stream(self.version.connector, self.version.stream, MappingState.DRAFT):
            sentences.append(sentence("The draft that is there now is replaced."))
        sentences += told(found)
        return Effect(sentences, {"differences": len(found)})

    def carry_out(self, cause: Cause) -> None:
        restore(self.version, self.actor, cause)


class MapValue(Decision):
    """A code gets its name; the people who waited for it go on."""

    label = gettext_lazy("Name this code")
    permission = "integrations.map_value"
    object_type = "unmapped_value"

    def __init__(self, actor: User | None, value: UnmappedValue, name: str) -> None:
        super().__init__(actor)
        self.value, self.name = value, name.strip()

    @property
    def object_id(self) -> str:
        return str(self.value.pk)

    @property
    def object_label(self) -> str:
        return f"{self.value.value} → {self.name}"

    def waiting(self) -> int:
        """Records that wait for this code, of every connector: the map is shared."""
        return SourceRecord.objects.filter(pk__in=self._same().values("waiting__record")).count()

    def _same(self) -> Any:
        return UnmappedValue.objects.filter(value_map=self.value.value_map, folded=self.value.folded, closed_at=None)

    def preview(self) -> Effect:
        waiting = self.waiting()
        return Effect(
            [
                sentence("“%(code)s” becomes “%(name)s” in %(map)s.", code=self.value.value, name=self.name, map=str(self.value.value_map)),
                sentence("%(n)s record is translated again.", "%(n)s records are translated again.", n=waiting),
            ],
            {"records": waiting},
        )

    def carry_out(self, cause: Cause) -> None:
        """Adds the row; that closes the entry and marks the records (value_map_rows.changed). Raises PlanStale, MappingInvalid."""
        value = UnmappedValue.objects.select_for_update(of=("self",)).select_related("value_map").get(pk=self.value.pk)
        if value.closed_at is not None:
            raise PlanStale(sentence("this code has a name by now"))
        had_names = value.value_map.rows.filter(folded=value.folded).exists()  # of another time: they stay what they were
        start = clock.today() if had_names else None
        set_row(value.value_map, RowValues(value.value, self.name, valid_from=start), cause, cause.at)
        release(UnmappedValue.objects.filter(value_map=value.value_map, folded=fold(value.value), closed_at=None), cause.at)


class RemoveCode(Decision):
    """A line of a value map is taken out: the code has no name any more, or not in these days."""

    label = gettext_lazy("Remove this code")
    permission = "integrations.change_valuemap"
    object_type = OBJECT

    def __init__(self, actor: User | None, row: ValueMapRow) -> None:
        super().__init__(actor)
        self.row, self.map = row, row.value_map

    @property
    def object_id(self) -> str:
        return str(self.map.pk)

    @property
    def object_label(self) -> str:
        return f"{self.map}: {self.row.source} → {self.row.target}"

    def preview(self) -> Effect:
        using = count_using(self.map, {self.row.target})
        sentences = [
            sentence(
                "%(n)s record has “%(name)s” from this map; it is translated again with the next run.",
                "%(n)s records have “%(name)s” from this map; they are translated again with the next run.",
                n=using,
                name=self.row.target,
            )
        ]
        if self.map.keep_unknown:
            sentences.append(
                sentence("Unknown codes are let through here: whoever carries “%(code)s” gets the code itself.", code=self.row.source)
            )
        elif self.map.rows.filter(folded=self.row.folded).exclude(pk=self.row.pk).exists():
            sentences.append(sentence("“%(code)s” has other lines, for other days; they stay.", code=self.row.source))
        else:
            text = sentence("Whoever carries “%(code)s” keeps the name they had; the code waits for a name again.", code=self.row.source)
            sentences.append(text)
        return Effect(sentences, {"records": using})

    def carry_out(self, cause: Cause) -> None:
        """Raises PlanStale when the line is gone already."""
        row = ValueMapRow.objects.select_for_update(of=("self",)).select_related("value_map").filter(pk=self.row.pk).first()
        if row is None:
            raise PlanStale(sentence("this line was taken out already"))
        remove_row(row, cause, cause.at)
