"""The only road to a team's rows. A stranger gets 404, a teammate without the right 403."""

from __future__ import annotations

from operator import attrgetter
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from projects.models import Dataset, Membership, Project, Team, Upload
from projects.models.team import Role
from projects.users import User

OWNER, EDITOR, VIEWER = Role.OWNER, Role.EDITOR, Role.VIEWER
Row = TypeVar("Row", bound=Model)


def teams(user: User, role: str = VIEWER) -> QuerySet[Team]:
    """The person's teams; with a role, those in which they have it or a higher one."""
    if not user.is_authenticated:
        return Team.objects.none()
    enough = [one for one in Role.values if Membership(role=one).may(role)]
    # In one call, so that it is the person's own membership that has the role.
    return Team.objects.filter(memberships__user=user.pk, memberships__role__in=enough).order_by("created")


def current_team(request: HttpRequest) -> Team | None:
    """The team whose rows the person looks at: the one chosen on the team page, or the first; None without any."""
    mine = teams(request.user)
    chosen = request.session.get("team")
    return (mine.filter(pk=chosen).first() if chosen else None) or mine.first()


def membership(user: User, team: Team, role: str = VIEWER) -> Membership:
    """The person's membership; 404 for strangers, 403 when the role is too low."""
    found = Membership.objects.filter(team=team, user=user.pk).first() if user.is_authenticated else None
    if found is None:
        raise Http404
    if not found.may(role):
        raise PermissionDenied
    return found


def may_edit(user: User, team: Team) -> bool:
    """Whether this person may change things."""
    found = Membership.objects.filter(team=team, user=user.pk).first() if user.is_authenticated else None
    return found is not None and found.may(EDITOR)


def team(user: User, pk: int, role: str = VIEWER) -> Team:
    found = Team.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    membership(user, found, role)
    return found


def rows(user: User, model: type[Row], path: str = "project__team") -> QuerySet[Row]:
    """Every row of MODEL that the person's teams own; PATH leads from the row to its team."""
    if not user.is_authenticated:
        return model._default_manager.none()
    return model._default_manager.filter(**{f"{path}__memberships__user": user.pk})


def row(user: User, found: QuerySet[Row], role: str = VIEWER, path: str = "project__team") -> Row:
    """The one row of the query set if the person may have it in that role."""
    one = found.select_related(path).first()
    if one is None:
        raise Http404
    membership(user, attrgetter(path.replace("__", "."))(one), role)
    return one


def project(user: User, pk: int, role: str = VIEWER) -> Project:
    return row(user, Project.objects.filter(pk=pk), role, "team")


def dataset(user: User, pk: int, role: str = VIEWER) -> Dataset:
    return row(user, Dataset.objects.filter(pk=pk), role)


def upload(user: User, pk: str, role: str = EDITOR) -> Upload:
    return row(user, Upload.objects.filter(pk=pk), role)
