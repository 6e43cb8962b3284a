"""The addresses of training, grouped by the object in the path."""

from __future__ import annotations

from django.urls import path

from training import views

app_name = "training"

project_urls = [
    path("projects/<int:pk>/training/panel/", views.project_panel, name="project_panel"),
    path("projects/<int:pk>/models/", views.models, name="models"),
]

dataset_urls = [
    path("datasets/<int:pk>/train/", views.new, name="new"),
]

run_urls = [
    path("runs/<int:pk>/", views.run, name="run"),
    path("runs/<int:pk>/state/", views.run_state, name="run_state"),
    path("runs/<int:pk>/points.json", views.points, name="points"),
    path("runs/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("runs/<int:pk>/again/", views.again, name="again"),
]

model_urls = [
    path("models/<int:pk>/", views.report, name="report"),
    path("models/<int:pk>/report.json", views.report_json, name="report_json"),
    path("models/<int:pk>/download/", views.download, name="download"),
]

urlpatterns = [*project_urls, *dataset_urls, *run_urls, *model_urls]
