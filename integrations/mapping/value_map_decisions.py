"""What people decide about a value map: give a code its name, give it another, take it out. Whom that reaches is shown before."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy

from config import clock
from config.audit.models import Cause
from config.decisions import Decision, Effect
from config.errors import PlanStale
from config.roles.models import User
from config.sentences import Sentence, sentence
from integrations.mapping.models import UnmappedValue, ValueMapRow
from integrations.mapping.unmapped import release
from integrations.mapping.value_map_rows import OBJECT, RowValues, count_using, remove_row, set_row
from integrations.mapping.value_maps import fold
from integrations.records.models import SourceRecord


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


class CodeDecision(Decision):
    """About a line of a value map that is there."""

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

    @cached_property
    def using(self) -> int:
        """Records that have the line's name through this map."""
        return count_using(self.map, {self.row.target})

    def reach(self) -> Sentence:
        return sentence(
            "%(n)s record has “%(name)s” from this map; it is translated again with the next run.",
            "%(n)s records have “%(name)s” from this map; they are translated again with the next run.",
            n=self.using,
            name=self.row.target,
        )

    def locked(self) -> ValueMapRow:
        """The line as it is now. Raises PlanStale when it is gone."""
        row = ValueMapRow.objects.select_for_update(of=("self",)).select_related("value_map").filter(pk=self.row.pk).first()
        if row is None:
            raise PlanStale(sentence("this line was taken out already"))
        return row


class ChangeCode(CodeDecision):
    """Another name for a code, or another last day of it."""

    label = gettext_lazy("Change this code")

    def __init__(self, actor: User | None, row: ValueMapRow, wanted: RowValues) -> None:
        super().__init__(actor, row)
        self.wanted = wanted

    @property
    def object_label(self) -> str:
        return f"{self.map}: {self.row.source} → {self.wanted.target}"

    def preview(self) -> Effect:
        found, code = [], self.row.source
        if self.wanted.target != self.row.target:
            text = sentence("“%(code)s” becomes “%(name)s” in %(map)s.", code=code, name=self.wanted.target, map=str(self.map))
            found.append(text)
        if (day := self.wanted.valid_until) != self.row.valid_until:
            found.append(
                sentence("“%(code)s” has this name until %(day)s.", code=code, day=day)
                if day
                else sentence("“%(code)s” has this name without an end.", code=code)
            )
        weighed = sentence("The guard weighs what comes of it before anything is written.")
        return Effect([*found, self.reach(), weighed], {"records": self.using})

    def carry_out(self, cause: Cause) -> None:
        """Raises PlanStale, MappingInvalid."""
        set_row(self.locked().value_map, self.wanted, cause, cause.at)


class RemoveCode(CodeDecision):
    """A line of a value map is taken out: the code has no name any more, or not in these days."""

    label = gettext_lazy("Remove this code")

    def preview(self) -> Effect:
        sentences = [self.reach()]
        if self.map.keep_unknown:
            sentences.append(
                sentence("Unknown codes are let through here: whoever carries “%(code)s” gets the code itself.", code=self.row.source)
            )
        elif self.map.rows.filter(folded=self.row.folded).exclude(pk=self.row.pk).exists():
            sentences.append(sentence("“%(code)s” has other lines, for other days; they stay.", code=self.row.source))
        else:
            text = sentence("Whoever carries “%(code)s” keeps the name they had; the code waits for a name again.", code=self.row.source)
            sentences.append(text)
        return Effect(sentences, {"records": self.using})

    def carry_out(self, cause: Cause) -> None:
        """Raises PlanStale when the line is gone already."""
        remove_row(self.locked(), cause, cause.at)
