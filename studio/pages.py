"""The addresses of the site itself: profile, team, health."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "studio"
urlpatterns: list[URLPattern] = []
