"""An account of BambooHR's kind over the sandbox's people."""

from integrations.sandbox.emulators.bamboohr.emulator import Emulator
from integrations.sandbox.emulators.bamboohr.settings import Settings

__all__ = ["Emulator", "Settings"]
