"""Teams, projects, datasets and the record of who did what."""

from __future__ import annotations

from projects.models.audit import AuditEvent
from projects.models.dataset import Dataset, Upload
from projects.models.labelling import Labelling, LabelName, WaitingText
from projects.models.project import Project
from projects.models.relabel import Relabel
from projects.models.team import Invitation, Membership, Team

__all__ = [
    "AuditEvent",
    "Dataset",
    "Invitation",
    "LabelName",
    "Labelling",
    "Membership",
    "Project",
    "Relabel",
    "Team",
    "Upload",
    "WaitingText",
]
