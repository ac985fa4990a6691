"""Addresses of the mapping pages, as they stand in the address book."""

from __future__ import annotations

from django.urls import path

from integrations.mapping.pages import editor, history, overview, value_map_pages

urlpatterns = [
    path("admin/mappings/", overview.mappings, name="mappings"),
    path("admin/mappings/<slug:key>/<slug:stream>/", editor.edit, name="mapping-edit"),
    path("admin/mappings/<slug:key>/<slug:stream>/preview/", editor.show_preview, name="mapping-preview"),
    path("admin/mappings/<slug:key>/<slug:stream>/versions/", history.versions, name="mapping-versions"),
    path("admin/mappings/<slug:key>/<slug:stream>/publish/", history.publish, name="mapping-publish"),
    path("admin/mappings/<slug:key>/<slug:stream>/restore/<int:number>/", history.restore, name="mapping-restore"),
    path("admin/mappings/<slug:key>/<slug:stream>/discard/", history.discard_draft, name="mapping-discard"),
    path("admin/value-maps/", value_map_pages.value_maps, name="value-maps"),
    path("admin/value-maps/name/<int:number>/", value_map_pages.name_code, name="value-map-name"),
    path("admin/value-maps/<slug:key>/", value_map_pages.value_map, name="value-map"),
    path("admin/value-maps/<slug:key>/remove/<int:number>/", value_map_pages.remove_code, name="value-map-remove"),
    path("admin/value-maps/<slug:key>/import/", value_map_pages.import_file, name="value-map-import"),
    path("admin/value-maps/<slug:key>/export/", value_map_pages.export_file, name="value-map-export"),
]
