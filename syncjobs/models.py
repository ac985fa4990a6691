"""The tables of the work, lowest first. Import a table from the theme that owns it; this page is for Django."""

from syncjobs.demo.models import DemoPiece, PieceKind
from syncjobs.guards.models import Hold, HoldState
from syncjobs.ledger.models import PruneTurn
from syncjobs.plans.models import ChangeKind, ChangeState, Plan, PlannedChange, PlanState, WaitingChange
from syncjobs.runs.models import Checkpoint, Outcome, Phase, RecordOutcome, SyncRun, Trigger
from syncjobs.schedules.models import Blackout, DayTurn, RunMode, SyncSchedule

__all__ = [
    "Blackout",
    "ChangeKind",
    "ChangeState",
    "Checkpoint",
    "DayTurn",
    "DemoPiece",
    "Hold",
    "HoldState",
    "Outcome",
    "Phase",
    "PieceKind",
    "Plan",
    "PlanState",
    "PlannedChange",
    "PruneTurn",
    "RecordOutcome",
    "RunMode",
    "SyncRun",
    "SyncSchedule",
    "Trigger",
    "WaitingChange",
]
