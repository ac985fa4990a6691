"""The audit trail as people read it: found, verified and taken away. Above the trail itself, which these screens only read."""
