"""The addresses of people, questions and writes."""

from __future__ import annotations

from django.urls import path

from syncjobs.pages import (
    case,
    connector,
    connector_add,
    connector_diagnosis,
    connector_edits,
    connectors,
    deliveries,
    joiners,
    people,
    person,
    remove_values,
    schedules,
)

urlpatterns = [
    path("admin/people/", people.people, name="people"),
    path("admin/people/first-days/", joiners.joiners, name="joiners"),
    path("admin/people/<int:number>/", person.person, name="person"),
    path("admin/people/<int:number>/facts/<slug:key>/", person.fact, name="person-fact"),
    path("admin/people/<int:number>/sync/", person.sync_person, name="person-sync"),
    path("admin/people/<int:number>/suggestions/<slug:key>/<str:field>/", person.take_suggestion, name="person-suggestion"),
    path("admin/mappings/<slug:key>/<slug:stream>/remove/<str:field>/", remove_values.remove_values, name="mapping-remove-values"),
    path("admin/decisions/", case.decisions, name="decisions"),
    path("admin/decisions/<int:number>/", case.case, name="case"),
    path("admin/decisions/<int:number>/later/", case.later, name="case-later"),
    path("admin/connectors/", connectors.connectors, name="connectors"),
    path("admin/connectors/add/", connector_add.kinds, name="connector-kinds"),
    path("admin/connectors/add/<slug:vendor>/", connector_add.add, name="connector-add"),
    path("admin/connectors/<int:number>/", connector.connector, name="connector"),
    path("admin/connectors/<int:number>/save/", connector_edits.save_settings, name="connector-save"),
    path("admin/connectors/<int:number>/save-limits/", connector_edits.save_limits, name="connector-limits"),
    path("admin/connectors/<int:number>/test/", connector_edits.test, name="connector-test"),
    path("admin/connectors/<int:number>/upload/", connector.upload, name="connector-upload"),
    path("admin/connectors/<int:number>/secrets/<slug:name>/", connector_edits.rotate, name="connector-rotate"),
    path("admin/connectors/<int:number>/act/<slug:verb>/", connector.act, name="connector-act"),
    path("admin/connectors/<int:number>/diagnosis/", connector_diagnosis.diagnosis_page, name="connector-diagnosis"),
    path("admin/connectors/<int:number>/diagnosis.json", connector_diagnosis.diagnosis_file, name="connector-diagnosis-file"),
    path("admin/connectors/<int:number>/end-rest/", connector.end_rest, name="connector-end-rest"),
    path("admin/connectors/<int:number>/<slug:tab>/", connector.connector, name="connector-tab"),
    path("admin/schedules/", schedules.schedules, name="schedules"),
    path("admin/schedules/add/", schedules.edit, name="schedule-add"),
    path("admin/schedules/<int:number>/", schedules.edit, name="schedule-edit"),
    path("admin/schedules/<int:number>/pause/", schedules.pause, name="schedule-pause"),
    path("admin/schedules/<int:number>/<slug:verb>/", schedules.act, name="schedule-act"),
    path("admin/blackouts/add/", schedules.add_blackout, name="blackout-add"),
    path("admin/blackouts/<int:number>/remove/", schedules.remove_blackout, name="blackout-remove"),
    path("admin/deliveries/", deliveries.deliveries, name="deliveries"),
    path("admin/deliveries/retry/", deliveries.retry_failed, name="deliveries-retry"),
    path("admin/deliveries/<int:number>/", deliveries.delivery, name="delivery"),
    path("admin/deliveries/<int:number>/<slug:verb>/", deliveries.act, name="delivery-act"),
]
