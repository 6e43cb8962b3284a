"""Which package answers which address."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.account.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("studio.pages")),
    path("", include("projects.urls")),
    path("", include("training.urls")),
    path("", include("endpoints.urls")),
]

handler404 = "studio.views.not_found"
handler500 = "studio.views.server_error"
handler403 = "studio.views.forbidden"
