"""What a published classifier was asked and said over time."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from endpoints import trends as figures
from endpoints.views import _rows
from endpoints.views.endpoint import common


@login_required
@require_GET
def trends(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = _rows.with_tab(request.user, pk, "trends")
    context = common(request, endpoint, "trends") | figures.context(endpoint)
    return render(request, "endpoints/trends.html", context)
