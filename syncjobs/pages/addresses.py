"""The addresses of people, questions and writes."""

from __future__ import annotations

from django.urls import path

from syncjobs.pages import case, deliveries, people, person

urlpatterns = [
    path("admin/people/", people.people, name="people"),
    path("admin/people/<int:number>/", person.person, name="person"),
    path("admin/people/<int:number>/facts/<slug:key>/", person.fact, name="person-fact"),
    path("admin/people/<int:number>/sync/", person.sync_person, name="person-sync"),
    path("admin/decisions/", case.decisions, name="decisions"),
    path("admin/decisions/<int:number>/", case.case, name="case"),
    path("admin/decisions/<int:number>/later/", case.later, name="case-later"),
    path("admin/deliveries/", deliveries.deliveries, name="deliveries"),
    path("admin/deliveries/retry/", deliveries.retry_failed, name="deliveries-retry"),
    path("admin/deliveries/<int:number>/", deliveries.delivery, name="delivery"),
    path("admin/deliveries/<int:number>/<slug:verb>/", deliveries.act, name="delivery-act"),
]
