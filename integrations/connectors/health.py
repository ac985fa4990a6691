"""The connection test, for the wizard, the connector page and the command: never while a page renders, always after a press."""

from __future__ import annotations

from config import clock
from config.errors import RollcallError
from config.sentences import sentence
from integrations.connectors.issues import report, succeeded
from integrations.connectors.models import Connector
from integrations.connectors.open import opened
from integrations.vendors.base import Health, Step


def test_connection(connector: Connector) -> Health:
    """Every step of the vendor's own test. Raises nothing: what could not even be begun is a failed step of its own."""
    try:
        with opened(connector, urgent=True) as vendor:
            health = vendor.check()
    except RollcallError as error:
        health = Health([Step(sentence("Open the connection"), False, error.detail or error.sentence, error=error)])
    failed = next((step.error for step in health.steps if step.error), None)
    if failed is not None:
        report(connector, failed, clock.now())
    elif health.ok:
        succeeded(connector, clock.now())
    return health
