"""The tables of the installation, lowest first. Import a table from the theme that owns it; this page is for Django."""

from config.audit.models import AuditDetail, AuditEntry, AuditHead, Cause, CauseKind
from config.health.models import Heartbeat, SandboxClock
from config.notices.models import Notice, Severity
from config.roles.models import User

__all__ = ["AuditDetail", "AuditEntry", "AuditHead", "Cause", "CauseKind", "Heartbeat", "Notice", "SandboxClock", "Severity", "User"]
