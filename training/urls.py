"""The addresses of training, grouped by the object in the path."""

from __future__ import annotations

from django.urls import path

from training.views import choose, follow, read, relabel, watch

app_name = "training"

project_urls = [
    path("projects/<int:pk>/training/panel/", read.project_panel, name="project_panel"),
    path("projects/<int:pk>/models/", read.models, name="models"),
]

dataset_urls = [
    path("datasets/<int:pk>/train/", choose.new, name="new"),
    path("datasets/<int:pk>/follow/", follow.follow, name="follow"),
]

run_urls = [
    path("runs/<int:pk>/", watch.run, name="run"),
    path("runs/<int:pk>/state/", watch.run_state, name="run_state"),
    path("runs/<int:pk>/points.json", watch.points, name="points"),
    path("runs/<int:pk>/cancel/", watch.cancel, name="cancel"),
    path("runs/<int:pk>/again/", watch.again, name="again"),
]

model_urls = [
    path("models/<int:pk>/", read.report, name="report"),
    path("models/<int:pk>/report.json", read.report_json, name="report_json"),
    path("models/<int:pk>/download/", read.download, name="download"),
    path("models/<int:pk>/rows/", relabel.rows, name="rows"),
    path("models/<int:pk>/relabel/", relabel.relabel, name="relabel"),
    path("models/<int:pk>/relabelled/", relabel.retrain, name="relabelled"),
]

urlpatterns = [*project_urls, *dataset_urls, *run_urls, *model_urls]
