"""Which package answers which address."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, include, path

from studio import views

# Without mail, what would need a mail says who can help instead.
without_mail: list[URLPattern] = [
    path("account/password/reset/", views.reset_by_owner, name="account_reset_password"),
    path("account/email/", views.email_by_owner, name="account_email"),
]

urlpatterns = [
    *([] if settings.EMAIL_HOST else without_mail),
    path("account/", include("allauth.account.urls")),
    path("language/", views.language, name="set_language"),
    path("", include("studio.pages")),
    path("", include("projects.urls")),
    path("", include("training.urls")),
    path("", include("endpoints.urls")),
]

handler400 = "studio.views.bad_request"
handler404 = "studio.views.not_found"
handler500 = "studio.views.server_error"
handler403 = "studio.views.forbidden"
