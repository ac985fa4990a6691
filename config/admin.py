"""The plain admin screens of the installation. Each lives in the theme that owns its table; this page is for Django."""

from config.staff.admin import GroupScreen, StaffScreen

__all__ = ["GroupScreen", "StaffScreen"]
