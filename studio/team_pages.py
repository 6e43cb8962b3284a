"""The team page and what can be done on it. Everybody in the team sees it; owners change it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from projects import access, links
from projects.errors import UserError
from projects.models import AuditEvent, Invitation, Membership, Team
from projects.models.team import RANK, Role
from projects.whole import whole
from studio import people, teams
from studio.deeds import deed
from studio.forms import ROLES, Invite, RoleChoice, TeamName

SHOWN_ONCE = "shown_once"
EVENTS_A_PAGE = 20


@never_cache
@login_required
def show(request: HttpRequest) -> HttpResponse:
    team = access.current_team(request)
    if team is None:
        return render(request, "studio/no_team.html", {"form": TeamName()})
    return render(request, "studio/team.html", _facts(request, team))


def _facts(request: HttpRequest, team: Team) -> dict[str, object]:
    me = access.membership(request.user, team)
    members = sorted(team.memberships.select_related("user"), key=lambda one: (-RANK[Role(one.role)], str(one.user)))
    open_ones = team.invitations.filter(accepted_by=None, expires__gt=timezone.now()).order_by("-created")
    return {
        "team": team,
        "me": me,
        "manages": me.may(access.OWNER),
        "members": members,
        "invitations": open_ones,
        "roles": Role.choices,
        "explained": ROLES,
        "teams": access.teams(request.user),
        "invite_form": Invite(),
        "name_form": TeamName(instance=team, auto_id="rename_%s"),
        "new_form": TeamName(auto_id="new_%s"),
        "once": request.session.pop(SHOWN_ONCE, None),
    }


@login_required
def record(request: HttpRequest) -> HttpResponse:
    """Who did what: its own address, so that the team page can fetch it and anybody can turn its pages."""
    team = access.current_team(request)
    found = AuditEvent.objects.filter(team=team).select_related("user") if team else AuditEvent.objects.none()
    page = Paginator(found, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "studio/record.html", {"team": team, "page": page, "deeds": [deed(one) for one in page]})


@require_POST
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    team = access.team(request.user, _number(request.POST.get("team")))
    request.session["team"] = team.pk
    messages.success(request, _("You now look at %(team)s.") % {"team": team})
    return redirect("studio:team")


@require_POST
@login_required
def add(request: HttpRequest) -> HttpResponse:
    form = TeamName(request.POST)
    if not form.is_valid():
        raise UserError(_("The team needs a name of at most 100 characters."), _("Nothing has changed."))
    team = teams.create(request.user, form.cleaned_data["name"])  # type: ignore[arg-type]
    request.session["team"] = team.pk
    messages.success(request, _("The team %(team)s is there, and you own it.") % {"team": team})
    return redirect("studio:team")


@require_POST
@login_required
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    team = access.team(request.user, pk, access.OWNER)
    form = TeamName(request.POST)
    if not form.is_valid():
        raise UserError(_("The team needs a name of at most 100 characters."), _("Nothing has changed."))
    teams.rename(team, request.user, form.cleaned_data["name"])  # type: ignore[arg-type]
    messages.success(request, _("The team is now called %(team)s.") % {"team": team})
    return redirect("studio:team")


@require_POST
@login_required
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    team = access.team(request.user, pk, access.OWNER)
    form = Invite(request.POST)
    if not form.is_valid():
        return render(request, "studio/team.html", {**_facts(request, team), "invite_form": form}, status=422)
    role, email = form.cleaned_data["role"], form.cleaned_data["email"]
    row, token = teams.invite(team, request.user, role, email)  # type: ignore[arg-type]
    link = links.site(request) + reverse("studio:invitation", args=[token])
    sent = bool(email and settings.EMAIL_HOST)
    if sent:
        teams.send_invitation(row, links.here(link))
    request.session[SHOWN_ONCE] = {"kind": "invitation", "link": link, "to": email, "sent": sent}
    return redirect("studio:team")


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    found = access.row(request.user, Invitation.objects.filter(pk=pk, accepted_by=None), access.OWNER, "team")
    teams.revoke(found, request.user)  # type: ignore[arg-type]
    messages.success(request, _("The link no longer works."))
    return redirect("studio:team")


@require_POST
@login_required
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    member = access.row(request.user, Membership.objects.filter(pk=pk), access.OWNER, "team")
    form = RoleChoice(request.POST)
    if not form.is_valid():
        raise UserError(_("There is no such role."), _("Nothing has changed."), _("Choose one of the list."))
    teams.change_role(member, request.user, form.cleaned_data["role"])  # type: ignore[arg-type]
    said = {"name": member.user, "role": member.get_role_display()}
    messages.success(request, _("The role of %(name)s is now: %(role)s.") % said)
    return redirect("studio:team")


@require_POST
@login_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """An owner removes anybody; everybody may leave."""
    found = Membership.objects.filter(pk=pk)
    mine = found.filter(user_id=int(request.user.pk or 0)).exists()
    member = access.row(request.user, found, access.VIEWER if mine else access.OWNER, "team")
    teams.remove(member, request.user)  # type: ignore[arg-type]
    left = _("You have left %(team)s.") if mine else _("%(name)s is no longer in %(team)s.")
    messages.success(request, left % {"name": member.user, "team": member.team})
    return redirect("studio:team")


@require_POST
@login_required
def reset_link(request: HttpRequest, pk: int) -> HttpResponse:
    member = access.row(request.user, Membership.objects.filter(pk=pk), access.OWNER, "team")
    if not people.may_help(request.user, member.user):  # type: ignore[arg-type]
        raise UserError(
            _("%(name)s is also in a team that you do not own.") % {"name": member.user},
            _("Nothing has changed."),
            _("The person who set up the studio can make the link."),
            status=403,
        )
    AuditEvent.record(member.team, request.user, "member.reset_link", member.user)
    link = links.site(request) + people.reset_path(member.user)  # type: ignore[arg-type]
    request.session[SHOWN_ONCE] = {"kind": "reset", "link": link, "to": str(member.user)}
    return redirect("studio:team")


def _number(text: str | None) -> int:
    return whole(text)
