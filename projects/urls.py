"""The addresses of projects, grouped by the object in the path."""

from __future__ import annotations

from django.urls import path

from projects.views import data, dataset, editing, home, items, labelling, labels, project, rows, uploads

app_name = "projects"
urlpatterns = [
    path("", home.home, name="home"),
    path("new/", home.new, name="new"),
    path("projects/<int:pk>/", project.project, name="project"),
    path("projects/<int:pk>/rename/", project.rename, name="rename"),
    path("projects/<int:pk>/archive/", project.archive, name="archive"),
    path("projects/<int:pk>/restore/", project.restore, name="restore"),
    path("projects/<int:pk>/data/", data.data, name="data"),
    path("projects/<int:pk>/data/paste/", data.paste, name="paste"),
    path("projects/<int:pk>/data/sample/", data.sample, name="sample"),
    path("projects/<int:pk>/data/join/", editing.join, name="join"),
    path("projects/<int:pk>/uploads/", uploads.start, name="uploads"),
    path("uploads/<uuid:pk>/", uploads.upload, name="upload"),
    path("datasets/<int:pk>/", dataset.dataset, name="dataset"),
    path("datasets/<int:pk>/read/", dataset.read, name="read"),
    path("datasets/<int:pk>/mapping/", dataset.mapping, name="mapping"),
    path("datasets/<int:pk>/choice/", dataset.choice, name="choice"),
    path("datasets/<int:pk>/undo/", dataset.undo, name="undo"),
    path("datasets/<int:pk>/items/", items.items, name="items"),
    path("datasets/<int:pk>/items/uploads/", items.start, name="items_uploads"),
    path("datasets/<int:pk>/items/mapping/", items.mapping, name="items_mapping"),
    path("datasets/<int:pk>/items/remove/", items.remove, name="items_remove"),
    path("datasets/<int:pk>/labels/", labels.labels, name="labels"),
    path("datasets/<int:pk>/use/", dataset.use, name="use"),
    path("datasets/<int:pk>/again/", dataset.again, name="again"),
    path("datasets/<int:pk>/delete/", dataset.delete, name="delete"),
    path("datasets/<int:pk>/all/", editing.all_rows, name="all_rows"),
    path("datasets/<int:pk>/all/row/", editing.row, name="edit_row"),
    path("datasets/<int:pk>/all/use/", editing.use, name="use_edits"),
    path("datasets/<int:pk>/together/", editing.together, name="together"),
    path("datasets/<int:pk>/rows/<slug:flag>/", rows.rows, name="rows"),
    path("datasets/<int:pk>/dropped.csv", rows.dropped, name="dropped"),
    path("datasets/<int:pk>/labelling/", labelling.page, name="labelling"),
    path("datasets/<int:pk>/labelling/state/", labelling.state, name="label_state"),
    path("datasets/<int:pk>/labelling/names/", labelling.names, name="label_names"),
    path("datasets/<int:pk>/labelling/text/", labelling.answer, name="label_text"),
    path("datasets/<int:pk>/labelling/undo/", labelling.undo, name="label_undo"),
    path("datasets/<int:pk>/labelling/again/", labelling.again, name="label_again"),
    path("datasets/<int:pk>/labelling/done/", labelling.done, name="label_done"),
]
