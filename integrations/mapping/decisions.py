"""What people decide about mappings: put a draft in force, go back to an earlier version."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from config import clock
from config.audit.models import Cause
from config.bell import ring
from config.decisions import Decision, Effect
from config.roles.models import User
from config.sentences import sentence
from integrations.mapping.compare import compare, told
from integrations.mapping.models import MappingState, MappingVersion
from integrations.mapping.shapes import shape_of
from integrations.mapping.translate import compile_version
from integrations.mapping.trial import try_version
from integrations.mapping.versions import of_stream, problems, publish, restore
from integrations.records.minimise import allowed, why_read_again
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
