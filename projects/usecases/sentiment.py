"""Sentiment: what people feel in what they write."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.usecases import Role, UseCase

USE_CASE = UseCase(
    slug="sentiment",
    order=20,
    title=_("Sentiment"),
    sentence=_("Says whether a review or message is happy, angry or in between, the way you would."),
    needs=_("A spreadsheet with a text column and a column that says how it sounds."),
    outcome=_("A label for every new text, with how sure it is and the words that decided."),
    family="classify",
    base_models=("all-minilm-l6-v2", "multilingual-e5-small"),
    embedder={"": "all-minilm-l6-v2", "zh": "multilingual-e5-small"},
    roles=(
        Role(
            "text",
            _("Text"),
            _("What somebody wrote."),
            (
                "text",
                "review",
                "comment",
                "content",
                "tweet",
                "feedback",
                "message",
                "sentence",
                "opinion",
                "body",
                "post",
                "headline",
                "review text",
                "description",
                "文本",
                "评论",
                "评价",
                "内容",
                "反馈",
                "留言",
                "点评",
                "句子",
                "正文",
            ),
        ),
        Role(
            "label",
            _("Label"),
            _("How it sounds: for example positive or negative."),
            (
                "sentiment",
                "label",
                "polarity",
                "result",
                "rating",
                "stars",
                "star",
                "score",
                "emotion",
                "feeling",
                "mood",
                "tone",
                "attitude",
                "class",
                "情感",
                "标签",
                "情绪",
                "极性",
                "评分",
                "星级",
                "打分",
                "态度",
                "分类",
            ),
            required=False,  # texts without labels can be labelled in the studio
        ),
    ),
    system_prompt="",
    greeting=_("Paste a text. I say how it sounds."),
    starters=(),
    sample="sentiment.csv",
    picture=(
        ("visitor", _("Two weeks late, and nobody answers my mails.")),
        ("assistant", _("Negative, 96 % sure: “late”, “nobody answers”.")),
    ),
    metrics={
        "accuracy": _("How many of 100 texts get the right label"),
        "macro_f1": _("How well it does on all labels alike, the rare ones too"),
    },
)
