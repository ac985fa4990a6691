"""A tenant of Workday's kind over the sandbox's people: SOAP Human_Resources and reports as a service."""

from integrations.sandbox.emulators.workday.emulator import Emulator
from integrations.sandbox.emulators.workday.settings import Settings

__all__ = ["Emulator", "Settings"]
