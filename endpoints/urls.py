"""The addresses of endpoints, grouped by the object in the path."""

from __future__ import annotations

import aiohttp  # noqa: F401  asks the engine; imported here, so that no visitor waits for it
from django.urls import URLPattern, URLResolver, path, re_path

from endpoints import addresses, families
from endpoints.api import api, schema
from endpoints.views import conversations, corrections, endpoint, publish, rules, scoring, trends, tryout, visitor

app_name = "endpoints"

model_urls = [
    path("models/<int:pk>/publish/", publish.publish, name="publish"),
    path("models/<int:pk>/publish/preview/", publish.preview, name="publish_preview"),
    path("models/<int:pk>/tryout/", tryout.tryout, name="tryout"),
    path("models/<int:pk>/tryout/<slug:side>/", tryout.side, name="tryout_side"),
]

endpoint_urls = [
    path("endpoints/<int:pk>/", endpoint.endpoint, name="endpoint"),
    path("endpoints/<int:pk>/questions/", endpoint.questions, name="questions"),
    path("endpoints/<int:pk>/settings/", endpoint.settings, name="settings"),
    path("endpoints/<int:pk>/rules/", rules.rules, name="rules"),
    path("endpoints/<int:pk>/versions/", endpoint.versions, name="versions"),
    path("endpoints/<int:pk>/deploy/", endpoint.deploy, name="deploy"),
    path("endpoints/<int:pk>/unpublish/", endpoint.unpublish, name="unpublish"),
    path("endpoints/<int:pk>/republish/", endpoint.republish, name="republish"),
    path("endpoints/<int:pk>/keys/", endpoint.issue_key, name="issue_key"),
    path("endpoints/<int:pk>/preview/", endpoint.preview, name="preview"),
    path("deployments/<int:pk>/back/", endpoint.back, name="back"),
    path("keys/<int:pk>/revoke/", endpoint.revoke_key, name="revoke_key"),
]

scoring_urls = [
    path("endpoints/<int:pk>/score/", scoring.scorings, name="scorings"),
    path("scorings/<int:pk>/", scoring.scoring, name="scoring"),
    path("scorings/<int:pk>/start/", scoring.start, name="start_scoring"),
    path("scorings/<int:pk>/cancel/", scoring.cancel, name="cancel_scoring"),
    path("scorings/<int:pk>/delete/", scoring.delete, name="delete_scoring"),
    path("scorings/<int:pk>/download/", scoring.download, name="download_scoring"),
    path("endpoints/<int:pk>/trends/", trends.trends, name="trends"),
]

conversation_urls = [
    path("conversations/", conversations.conversations, name="conversations"),
    path("conversations/download/", conversations.download, name="download"),
    path("conversations/<uuid:pk>/", conversations.conversation, name="conversation"),
    path("conversations/<uuid:pk>/delete/", conversations.delete, name="delete_conversation"),
    path("messages/<int:pk>/correct/", conversations.correct, name="correct"),
]

project_urls = [
    path("projects/<int:pk>/corrections/", corrections.corrections, name="corrections"),
    path("projects/<int:pk>/corrections/retrain/", corrections.retrain, name="retrain"),
    path("projects/<int:pk>/endpoints/panel/", corrections.project_panel, name="project_panel"),
    path("feedback/<int:pk>/", corrections.edit, name="edit_correction"),
]

visitor_urls = [
    path("chat/<slug:slug>/", visitor.chat, name="chat"),
    path("widget.js", visitor.widget_script, name="widget_script"),
    path("widget/<slug:slug>.json", visitor.widget_settings, name="widget_settings"),
]

for family in families.every().values():
    if family.router:
        api.add_router("", family.router)
api_urls: list[URLPattern | URLResolver] = [
    path("api/schema", schema, name="schema"),
    path("", api.urls),
    re_path(r"^(?:/{1,8})?[vV]1(?:/|\Z)", addresses.missing, name="no_address"),
    re_path(r"^(?:chat/completions|completions|embeddings|responses)\Z", addresses.without_version, name="no_version"),
]

urlpatterns = [*model_urls, *endpoint_urls, *scoring_urls, *conversation_urls, *project_urls, *visitor_urls, *api_urls]
