"""What a person may do about writes that did not get there: send them again, or give them up."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from config import clock
from config.audit.models import Cause
from config.bell import ring
from config.decisions import Decision, Effect
from config.errors import Overtaken
from config.roles.models import User
from config.sentences import sentence
from integrations.connectors.decisions import ConnectorDecision
from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery, DeliveryState
from integrations.outbound.waiting import give_up_with, overtaken, send_again

GIVEN_UP_FROM = (DeliveryState.DEAD, DeliveryState.PENDING, DeliveryState.HELD)
SETTLED = sentence("This write has been sent or given up already.")


class RetryDeliveries(Decision):
    """Send failed writes again: the one named, or every dead one (of one system). Those a newer write overtook stay where they are."""

    label = gettext_lazy("Send again")
    permission = "integrations.retry_delivery"
    object_type = "delivery"

    def __init__(self, actor: User | None, chosen: Sequence[int] | None = None, connector: Connector | None = None) -> None:
        super().__init__(actor)
        self.chosen, self.connector = chosen, connector

    @property
    def object_id(self) -> str:
        if self.chosen is None:
            return self.connector.key if self.connector else "all failed"
        return str(self.chosen[0]) if len(self.chosen) == 1 else f"{len(self.chosen)} chosen"

    def dead(self) -> QuerySet[Delivery]:
        rows = Delivery.objects.filter(state=DeliveryState.DEAD)
        if self.connector is not None:
            rows = rows.filter(connector=self.connector)
        return rows if self.chosen is None else rows.filter(pk__in=self.chosen)

    def preview(self) -> Effect:
        late, every = overtaken(self.dead()).count(), self.dead().count()
        count = every - late
        sentences = [sentence("%(n)s write is sent again.", "%(n)s writes are sent again.", n=count)]
        if late:
            sentences.append(
                sentence("%(n)s is not: a newer one has overtaken it.", "%(n)s are not: newer ones have overtaken them.", n=late)
            )
        waiting = Delivery.objects.filter(waits_for__in=self.dead(), state=DeliveryState.HELD).count()
        if waiting:
            sentences.append(
                sentence("%(n)s more that waits for it is sent after it.", "%(n)s more that wait for them are sent after them.", n=waiting)
            )
        return Effect(sentences, {})

    def carry_out(self, cause: Cause) -> None:
        rows = self.dead()
        send_again(rows.exclude(pk__in=overtaken(rows).values("pk")))
        ring("default")


class GiveUpDelivery(Decision):
    """Never send this write. What it would have changed is planned again when the sources or rules change it."""

    label = gettext_lazy("Give up")
    permission = "integrations.retry_delivery"
    asks_reason = True
    object_type = "delivery"

    def __init__(self, actor: User | None, delivery: Delivery) -> None:
        super().__init__(actor)
        self.delivery = delivery

    @property
    def object_id(self) -> str:
        return str(self.delivery.pk)

    def over(self) -> str:
        return SETTLED if self.delivery.state not in GIVEN_UP_FROM else ""

    def preview(self) -> Effect:
        with_it = give_up_with(self.delivery).count()
        text = sentence("%(n)s more that needs it is given up with it.", "%(n)s more that need it are given up with it.", n=with_it)
        return Effect(
            [
                sentence("This write is not sent to %(system)s any more.", system=self.delivery.connector.name),
                *([text] if with_it else []),
                sentence("The account there stays as it is now; the next plan for this person tells the difference again."),
            ]
        )

    def carry_out(self, cause: Cause) -> None:
        given_up = Delivery.objects.filter(pk=self.delivery.pk, state__in=GIVEN_UP_FROM)
        if not given_up.update(state=DeliveryState.CANCELLED, done_at=clock.now()):
            raise Overtaken(SETTLED)
        give_up_with(self.delivery).update(state=DeliveryState.CANCELLED, done_at=clock.now())


class EndRest(ConnectorDecision):
    """Ask a resting target again at once. Whatever it answers counts as always: another failure begins the next rest."""

    label = gettext_lazy("Try again now")
    permission = "integrations.retry_delivery"

    def _resting(self) -> QuerySet[Delivery]:
        """Those the rest has put back; writes that wait for a reason of their own go on waiting."""
        until = Connector.objects.filter(pk=self.connector.pk).values("breaker_until")
        return Delivery.objects.filter(connector=self.connector, state=DeliveryState.PENDING, due_at__in=until)

    def preview(self) -> Effect:
        return Effect([sentence("%(name)s is asked again at once; if it fails, it rests again, and longer.", name=self.connector.name)])

    def carry_out(self, cause: Cause) -> None:
        self.locked()
        self._resting().update(due_at=clock.now())
        Connector.objects.filter(pk=self.connector.pk).update(breaker_until=None)
        ring("default")
