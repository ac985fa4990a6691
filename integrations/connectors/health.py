"""The connection test, for the wizard, the connector page and the command: never while a page renders, always after a press."""

from __future__ import annotations

from config import clock
from config.errors import RollcallError
from config.sentences import Sentence, sentence
from integrations.connectors.issues import answered, report
from integrations.connectors.models import Connector
from integrations.connectors.open import opened
from integrations.vendors.base import Health, Step


def ask(connector: Connector) -> Health:
    """Every step of the vendor's own test. Raises nothing: what could not even be begun is a failed step of its own."""
    try:
        with opened(connector, urgent=True) as vendor:
            return vendor.check()
    except RollcallError as error:
        return Health([Step(sentence("Open the connection"), False, error.detail or Sentence(error.sentence), error=error)])


def keep(connector: Connector, health: Health) -> None:
    """Open or close the connector's issues by what came out."""
    failed = next((step.error for step in health.steps if step.error), None)
    if failed is not None:
        report(connector, failed, clock.now())
    elif health.ok:
        answered(connector, clock.now())
