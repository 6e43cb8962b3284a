"""The addresses of endpoints, grouped by the object in the path."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "endpoints"
urlpatterns: list[URLPattern] = []
