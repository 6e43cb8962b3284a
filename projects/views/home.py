"""The first page, and the start of a new project."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from projects import access
from projects.forms import CreateForm
from projects.models import AuditEvent, Project
from projects.usecases import UseCase, all_use_cases, get
from projects.users import User
from projects.whole import whole
from projects.wizard import Place, rail

PER_PAGE = 24


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The projects of my teams, each with what comes next."""
    mine = access.rows(request.user, Project, "team").select_related("team")
    several = access.teams(request.user).count() > 1
    looked_at = access.current_team(request) if several and "team" in request.session else None
    if looked_at:
        mine = mine.filter(team=looked_at)
    open_ = mine.filter(archived=None)
    page = Paginator(open_, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "places": [Place(project) for project in page],
        "archived": mine.exclude(archived=None)[:50],
        "just_archived": mine.exclude(archived=None).filter(pk=_number(request.GET.get("archived"))).first(),
        "use_cases": all_use_cases(),
        "several_teams": several,
        "looked_at": looked_at,
        "may_edit": _may_edit(request.user),
        "editable": set(access.teams(request.user, access.EDITOR).values_list("pk", flat=True)),
    }
    return render(request, "projects/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """What do you want to build? First the gallery, then a name."""
    slug = request.GET.get("use_case")
    if slug is None:
        context = {"use_cases": all_use_cases(), "steps": rail(None, "choose"), "may_edit": _may_edit(request.user)}
        return render(request, "projects/new.html", context)
    case = _use_case(slug)
    initial = {"name": case.title, "team": request.session.get("team")}
    form = CreateForm(request.user, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        project = _create(request.user, form, case)
        return redirect("projects:data", project.pk)
    context = {"form": form, "case": case, "steps": rail(None, "choose"), "may_edit": _may_edit(request.user)}
    return render(request, "projects/create.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _create(user: User, form: CreateForm, case: UseCase) -> Project:
    access.membership(user, form.cleaned_data["team"], access.EDITOR)
    project: Project = form.save(commit=False)
    project.use_case, project.created_by_id = case.slug, user.pk
    project.save()
    AuditEvent.record(project.team, user, "project.created", project.name, project=project.pk, use_case=case.slug)
    return project


def _use_case(slug: str) -> UseCase:
    try:
        return get(slug)
    except KeyError:
        raise Http404 from None


def _may_edit(user: User) -> bool:
    return access.teams(user, access.EDITOR).exists()


def _number(text: str | None) -> int:
    return whole(text)
