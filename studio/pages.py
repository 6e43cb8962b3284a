"""The addresses of the site itself: first visit, invitations, profile, team, help, health."""

from __future__ import annotations

from django.urls import path

from studio import health, resending, team_pages, views

app_name = "studio"

people_urls = [
    path("setup/", views.setup, name="setup"),
    path("invite/<str:token>/", views.invitation, name="invitation"),
    path("profile/", views.profile, name="profile"),
    path("unsent/", resending.resend, name="resend"),
    path("help/", views.help_page, name="help"),
    path("favicon.ico", views.favicon, name="favicon"),
]

team_urls = [
    path("team/", team_pages.show, name="team"),
    path("team/record/", team_pages.record, name="record"),
    path("team/switch/", team_pages.switch, name="switch_team"),
    path("team/new/", team_pages.add, name="add_team"),
    path("team/<int:pk>/name/", team_pages.rename, name="rename_team"),
    path("team/<int:pk>/invite/", team_pages.invite, name="invite"),
    path("team/invitations/<int:pk>/revoke/", team_pages.revoke, name="revoke"),
    path("team/members/<int:pk>/role/", team_pages.change_role, name="change_role"),
    path("team/members/<int:pk>/remove/", team_pages.remove, name="remove_member"),
    path("team/members/<int:pk>/reset-link/", team_pages.reset_link, name="reset_link"),
]

health_urls = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]

urlpatterns = [*people_urls, *team_urls, *health_urls]
