"""The stages of a run, in order: the table of contents of the product.

Each stage works in short transactions on rows it leases, returns True when it is finished and False when its slice is over, and can
be killed after any line: the next worker goes on from the last row.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog

from config import clock
from config.bell import ring
from config.errors import AnswerCutOff, DatabaseAway, RetryLater, RollcallError, Unexpected
from config.notices.notify import notify
from config.reconnect import is_lost, once_back
from config.sentences import Sentence, sentence
from integrations.connectors.issues import report
from integrations.connectors.models import Connector
from syncjobs.guards.evaluate import guard
from syncjobs.guards.open import open_hold
from syncjobs.pipeline.fetch import backoff, fetch
from syncjobs.pipeline.gather import gather, resolve
from syncjobs.pipeline.look import look
from syncjobs.pipeline.verify import await_deliveries, verify
from syncjobs.plans.apply import apply_plan
from syncjobs.plans.build import plan_people
from syncjobs.runs.context import Context
from syncjobs.runs.held import tell_held
from syncjobs.runs.models import Phase, SyncRun
from syncjobs.runs.slice import Cancelled, LeaseLost, Paused, Slice, claim, kept, release

Stage = Callable[[Slice, Context], bool]

STAGES: tuple[tuple[str, Stage], ...] = (
    ("fetch", fetch),  # read pages, store them word for word, translate, resolve
    ("gather", gather),  # instead of fetch: the chosen people of a small run
    ("resolve", resolve),  # what waits from earlier runs, who is gone, whose manager arrived
    ("look", look),  # who of the newcomers is in the target already
    ("plan", plan_people),  # choose, then desired minus recorded
    ("guard", guard),  # weigh it before the first write
    ("apply", apply_plan),  # our state and the deliveries, one transaction
    ("deliver", await_deliveries),  # the deliveries go out on their own clock
    ("verify", verify),  # read back
)
ORDER = [name for name, _ in STAGES]
NEXT = {"fetch": "resolve", "gather": "resolve", **{name: ORDER[ORDER.index(name) + 1] for name in ORDER[2:-1]}}
MOST_TRIES = 12  # failed slices in a row, an hour and a quarter with the waits between them
MOST_CUT_OFFS = 3

log = structlog.get_logger(__name__)


def work_once(lanes: tuple[str, ...]) -> bool:
    """Take one run and work on it for one slice. False when there was nothing to do."""
    return _worked(claim(lanes))


def work_on(run_id: int) -> bool:
    """One slice of this run. False when it is not due, or somebody else has it."""
    return _worked(claim(("urgent", "default", "bulk"), run_id))


def _worked(work: Slice | None) -> bool:
    if work is None:
        return False
    structlog.contextvars.bind_contextvars(run=work.run.pk, connector=work.run.connector.key)
    try:
        with kept(work):
            _work(work)
    except LeaseLost:
        log.warning("run.lease_lost")
    except Cancelled:
        once_back(partial(_cancel, work))
    except Paused:
        log.info("run.paused", stage=work.run.stage)
    except RollcallError as error:
        once_back(partial(_trouble, work, error))
    except Exception as error:
        once_back(partial(_trouble, work, _unforeseen(work, error)))
    finally:
        # Also where the database had gone: else the run would wait for the end of a lease that nobody holds any more.
        once_back(partial(release, work))
        structlog.contextvars.unbind_contextvars("run", "connector")
    return True


def _unforeseen(work: Slice, error: Exception) -> RollcallError:
    if is_lost(error):
        log.warning("run.database_away", stage=work.run.stage)
        return DatabaseAway(sentence("in stage %(stage)s", stage=work.run.stage))
    log.error("run.unexpected", stage=work.run.stage, exc_info=error)
    return Unexpected(sentence("%(error)s in stage %(stage)s", error=type(error).__name__, stage=work.run.stage))


def _work(work: Slice) -> None:
    run, context = work.run, Context()
    with work.step():
        run.started_at = run.started_at or clock.now()
        run.phase = Phase.PLANNING if run.phase == Phase.QUEUED else run.phase
    stages = dict(STAGES)
    while run.phase in (Phase.PLANNING, Phase.APPLYING):
        if not stages[run.stage](work, context) or run.phase not in (Phase.PLANNING, Phase.APPLYING):
            break
        _step_on(work)
        if work.is_over:
            break
    if run.phase in (Phase.PLANNING, Phase.APPLYING) and run.stage != "deliver":
        ring(run.lane)


def _step_on(work: Slice) -> None:
    """To the next stage; a dry run ends before the guard, a run that planned nothing after it."""
    run = work.run
    with work.step():
        if run.is_dry and run.stage == "guard":
            run.phase, run.finished_at = Phase.SUCCEEDED, clock.now()
            return
        run.stage = NEXT[run.stage]
        run.cursor, run.done, run.total, run.tries = None, 0, None, 0


def _cancel(work: Slice) -> None:
    SyncRun.objects.filter(pk=work.run.pk, lease_token=work.token).update(phase=Phase.CANCELLED, finished_at=clock.now())


def _trouble(work: Slice, error: RollcallError) -> None:
    """Wait and try again where that can help; otherwise the run has failed, and somebody is told what to do."""
    run, now = work.run, clock.now()
    fresh = SyncRun.objects.get(pk=run.pk)
    if fresh.lease_token != work.token:
        return
    work.run = fresh
    try:
        with work.step():
            if not isinstance(error, DatabaseAway):  # which is no trouble of any connector
                report(_asked(fresh, error), error, now)
            fresh.error_code, fresh.error_detail = error.code, error.detail[:2000]
            fresh.tries += 1
            if isinstance(error, AnswerCutOff) and fresh.tries >= MOST_CUT_OFFS and (fresh.mode, fresh.stage) == ("full", "fetch"):
                reason = sentence("The reading of %(source)s broke off %(n)s times.", source=fresh.connector.name, n=fresh.tries)
                open_hold(fresh, "fetch_cut_off", reason, now)
                fresh.phase = Phase.HELD
                tell_held(fresh, reason)
            elif isinstance(error, RetryLater | Unexpected) and fresh.tries < MOST_TRIES:
                fresh.wanted_at = error.retry_at or now + backoff(fresh.tries)
            else:
                _fail(fresh, error)
    except (LeaseLost, Cancelled, Paused):
        log.info("run.trouble_not_kept", code=error.code)


def _asked(run: SyncRun, error: RollcallError) -> Connector:
    """Whose trouble it is: a run also asks the systems it writes to."""
    return Connector.objects.filter(key=error.connector).first() or run.connector


def _fail(run: SyncRun, error: RollcallError) -> None:
    run.phase, run.finished_at = Phase.FAILED, clock.now()
    notify(
        f"run.failed:{run.connector.key}",
        "bad",
        sentence("%(name)s: the last run failed", name=run.connector.name),
        body=error.kept,
        next_step=Sentence(error.next_step),
        link=f"/admin/runs/{run.pk}/",
        owner=error.owner.value,
    )
