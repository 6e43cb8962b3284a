"""Counts of answers, and indexes by which pages find the newest rows without reading all."""

from django.db import migrations, models
from django.db.models import Count, F
from django.db.models.functions import TruncDate


def count_what_is_there(apps, schema_editor):
    """Until now every request was an answer; those that were unsure stand in the messages."""
    alias = schema_editor.connection.alias
    usage = apps.get_model("endpoints", "Usage").objects.using(alias)
    usage.update(answers=F("requests"))
    messages = apps.get_model("endpoints", "Message").objects.using(alias).filter(state="unsure")
    unsure = messages.annotate(day=TruncDate("created")).values("conversation__endpoint", "day")
    for row in unsure.annotate(count=Count("pk")).order_by():
        first = usage.filter(endpoint_id=row["conversation__endpoint"], day=row["day"]).order_by("-answers").first()
        if first is not None:
            usage.filter(pk=first.pk).update(unsure=min(row["count"], first.answers))


class Migration(migrations.Migration):
    dependencies = [("endpoints", "0010_answer_traces_and_counts")]
    operations = [
        migrations.AddField("usage", "answers", models.PositiveIntegerField(default=0)),
        migrations.AddField("usage", "unsure", models.PositiveIntegerField(default=0)),
        migrations.AddIndex("conversation", models.Index(fields=["endpoint", "-updated"], name="newest_talks")),
        migrations.AddIndex("conversation", models.Index(fields=["endpoint", "created"], name="talks_by_day")),
        migrations.AddIndex("feedback", models.Index(fields=["rating", "updated"], name="newest_ratings")),
        migrations.AddIndex(
            "message",
            models.Index(
                fields=["conversation"], condition=models.Q(state__in=["unsure", "failed"]), name="without_an_answer"
            ),
        ),
        migrations.RunPython(count_what_is_there, migrations.RunPython.noop, elidable=True),
    ]
