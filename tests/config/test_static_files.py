"""Style sheets and scripts: each found once, all of them fit for production, and no warning about a folder that is not there yet."""

from __future__ import annotations

import warnings

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.http import HttpResponse
from django.urls import reverse
from whitenoise.middleware import WhiteNoiseMiddleware

OURS = sorted(path.relative_to(settings.BASE_DIR / "config/static") for path in (settings.BASE_DIR / "config/static").rglob("*.*"))


@pytest.mark.parametrize("path", OURS, ids=str)
def test_a_file_of_ours_is_found_in_one_place(path):
    assert len(finders.find(str(path), find_all=True)) == 1


@pytest.mark.django_db
def test_every_file_gets_its_name_for_production_and_pages_ask_for_that_name(client, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("css", "js", "svg", "map", "txt", "ico", "png", "woff2")  # squeezing takes ten seconds
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    page = client.get(reverse("admin:login")).text
    hashed = next(path.name for path in (tmp_path / "rollcall").glob("rollcall.*.css"))
    assert f"rollcall/{hashed}" in page
    assert "rollcall/rollcall.css" not in page


def test_the_folder_of_collected_files_is_there_before_anybody_looks():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        middleware = WhiteNoiseMiddleware(lambda request: HttpResponse())
    assert middleware.static_root
