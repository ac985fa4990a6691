"""An address book with one screen that has a decision, for test_admin_screens."""

from __future__ import annotations

from django.urls import path

from config.models import Notice
from config.urls import urlpatterns as ours
from tests.config.sites import site_with
from tests.config.test_admin_screens import Notices

urlpatterns = [path("admin/", site_with({Notice: Notices}).urls), *ours]
