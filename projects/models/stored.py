"""A column of JSON whose shape an object of its own reads, named beside the column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    Json = models.JSONField[Any, Any]
else:
    Json = models.JSONField
