"""Settings changes enter the audit trail."""
