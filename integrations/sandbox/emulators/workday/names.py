"""Names and ids that this tenant gives to things the world only has as text."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from integrations.sandbox.worker import Worker, WorldChange

# What the vendor calls the transactions behind the world's changes. Terminations and conversions depend on the kind of worker.
TRANSACTIONS = {
    "hire": "Hire Employee",
    "convert": "Hire Employee",
    "rehire": "Hire Employee",
    "rename": "Legal Name Change",
    "title": "Title Change",
    "move": "Change Job",
    "leave": "Request Leave of Absence",
    "terminate": "Terminate Employee",
    "rescind_termination": "Terminate Employee",
    "delete": "Purge Person Data",
    "edit": "Edit Position",
}
CONTINGENT_TRANSACTIONS = {"Hire Employee": "Contract Contingent Worker", "Terminate Employee": "End Contingent Worker Contract"}

ALPHA_3 = {
    "JP": "JPN",
    "DE": "DEU",
    "PT": "PRT",
    "BR": "BRA",
    "IN": "IND",
    "US": "USA",
    "GB": "GBR",
    "ES": "ESP",
    "IT": "ITA",
    "CN": "CHN",
    "NL": "NLD",
    "PL": "POL",
}


@lru_cache(maxsize=65536)
def wid(kind: str, name: str) -> str:
    """The 32 hex digits of anything that is not a worker or a unit; the same in every run."""
    return blake2b(f"{kind}:{name}".encode(), digest_size=16, person=b"workday").hexdigest()


@lru_cache(maxsize=4096)
def reference_id(kind: str, name: str) -> str:
    """COMPANY_Meridian_Works_GmbH."""
    return f"{kind}_{'_'.join(name.replace('.', '').split())}"


def universal_id(worker: Worker) -> str:
    """Follows the human through all roles, because it hangs on the national id."""
    return f"UID-{wid('person', worker.national_id or worker.key)[:10]}"


def position_id(worker: Worker) -> str:
    return f"P-{worker.employee_number}"


def transaction(change: WorldChange, kind: str) -> str:
    name = TRANSACTIONS.get(change.kind, "Edit Position")
    return CONTINGENT_TRANSACTIONS.get(name, name) if kind == "contingent" else name


def transaction_wid(change: WorldChange) -> str:
    return wid("transaction", f"{change.key}/{change.kind}/{change.at.isoformat()}")
