"""The addresses of runs, plans, people and schedules."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from syncjobs.pages import overview, plan, plan_files, run, run_acts, run_records, runs, start

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", overview.overview, name="overview"),
    path("admin/overview/running/", overview.overview_running, name="overview-running"),
    path("admin/runs/", runs.runs, name="runs"),
    path("admin/runs/start/", start.start, name="run-start"),
    path("admin/runs/<int:number>/", run.run, name="run"),
    path("admin/runs/<int:number>/progress/", run.run_progress, name="run-progress"),
    path("admin/runs/<int:number>/approve/", run_acts.approve, name="run-approve"),
    path("admin/runs/<int:number>/refuse/", run_acts.refuse, name="run-refuse"),
    path("admin/runs/<int:number>/cancel/", run_acts.cancel, name="run-cancel"),
    path("admin/runs/<int:number>/retry/", run_acts.retry, name="run-retry"),
    path("admin/runs/<int:number>/plan/", plan.plan_people, name="run-plan"),
    path("admin/runs/<int:number>/plan.csv", plan_files.plan_csv, name="run-plan-csv"),
    path("admin/runs/<int:number>/plan.json", plan_files.plan_json, name="run-plan-json"),
    path("admin/runs/<int:number>/people/<int:person>/", plan.plan_person, name="run-person"),
    path("admin/runs/<int:number>/records/", run_records.run_records, name="run-records"),
]

urlpatterns += [path("", include("syncjobs.pages.addresses"))]
