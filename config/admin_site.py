"""The site: menu by task, search, homes by role."""

from django.contrib.admin import AdminSite


class RollcallAdminSite(AdminSite):
    site_header = "Rollcall"
    site_title = "Rollcall"
