"""Moodle's REST web services. Source: docs/vendors/moodle.md."""

from integrations.sandbox.emulators.moodle.emulator import Emulator

__all__ = ["Emulator"]
