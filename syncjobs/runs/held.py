"""The one notice about plans of a source that wait for a person: open as long as one of them does, and about one that does."""

from __future__ import annotations

from config.errors import PlanHeld
from config.notices.notify import close, notify
from config.sentences import Sentence, sentence
from integrations.connectors.models import Connector
from syncjobs.runs.models import WAITING, SyncRun

LOOK_AT_IT = Sentence(PlanHeld.next_step)
NOTHING_WRITTEN = sentence("Nothing has been written.")


def tell_held(run: SyncRun, reason: Sentence, next_step: Sentence = LOOK_AT_IT) -> None:
    notify(
        _key(run.connector),
        "bad",
        sentence("%(name)s: %(what)s", name=run.connector.name, what=reason),
        body=sentence("%(what)s %(then)s", what=reason, then=NOTHING_WRITTEN),
        next_step=next_step,
        link=f"/admin/runs/{run.pk}/",
        owner="approver",
    )


def no_longer_held(source: Connector) -> None:
    """A plan of this source waits no more. While another one does, the notice stays, and is about that one."""
    waiting = SyncRun.objects.filter(connector=source, phase__in=WAITING, cancel_asked=False).select_related("connector")
    run = waiting.order_by("-pk").first()
    if run is None:
        close(_key(source))
        return
    hold = run.holds.filter(state="open").order_by("pk").first()
    tell_held(run, Sentence(hold.sentence) if hold else sentence("waits for a decision"))


def _key(source: Connector) -> str:
    return f"run.held:{source.key}"
