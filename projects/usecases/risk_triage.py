"""Risk triage: which finance notes or health messages a person has to see first."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.usecases import Piece, Role, UseCase

USE_CASE = UseCase(
    slug="risk_triage",
    order=40,
    title=_("Risk triage"),
    sentence=_("Sorts notes and messages by how urgent they are, so that people see the serious ones first."),
    needs=_("A spreadsheet with a text column and a column with the level your team gave it."),
    outcome=_("A level for every new text, and a call for a person wherever it is not sure."),
    family="classify",
    base_models=("all-minilm-l6-v2", "multilingual-e5-small"),
    embedder={"": "all-minilm-l6-v2", "zh": "multilingual-e5-small"},
    roles=(
        Role(
            "text",
            _("Text"),
            _("The note or message to judge."),
            (
                "text",
                "note",
                "message",
                "notes",
                "content",
                "report",
                "description",
                "complaint",
                "symptoms",
                "narrative",
                "comment",
                "details",
                "summary",
                "文本",
                "备注",
                "内容",
                "描述",
                "症状",
                "主诉",
                "说明",
                "留言",
            ),
            several=True,
        ),
        Role(
            "label",
            _("Label"),
            _("The level your team gave it: for example routine or urgent."),
            (
                "risk",
                "level",
                "label",
                "priority",
                "severity",
                "urgency",
                "triage",
                "risk level",
                "result",
                "class",
                "category",
                "flag",
                "outcome",
                "风险",
                "等级",
                "标签",
                "风险等级",
                "级别",
                "优先级",
                "紧急程度",
                "分类",
            ),
            required=False,  # texts without labels can be labelled in the studio
            grades=("risk",),
        ),
    ),
    system_prompt="",
    greeting=_("Paste a note. I say how urgent it looks. A person decides."),
    starters=(),
    sample="risk_triage.csv",
    about_sample=_("Take the sample: short notes from invented desks, each with how urgent it is."),
    picture=(
        Piece(_("New payee, the whole balance moved"), _("urgent"), "bad", "circle-alert"),
        Piece(_("Asks for the limit a second time"), _("watch"), "warn", "eye"),
        Piece(_("Change of address, with proof"), _("routine"), "good", "check"),
        Piece(_("A person looks at the first one now.")),
    ),
    metrics={
        "accuracy": _("How many of 100 texts get the right label"),
        "macro_f1": _("How well it does on all labels alike, the rare ones too"),
    },
    notice=_(
        "This sorts texts. It is no medical or financial advice and can be wrong. In an emergency call your local"
        " emergency number."
    ),
    person_outcome=_("A person should look at this"),
)
