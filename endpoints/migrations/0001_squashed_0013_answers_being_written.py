"""All tables at once, for a new studio; one that is there goes through the steps that this replaces."""

import django.db.models.deletion
import endpoints.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('endpoints', '0001_initial'),
        ('endpoints', '0002_initial'),
        ('endpoints', '0003_message_beat'),
        ('endpoints', '0004_one_usage_without_key'),
        ('endpoints', '0005_results_and_rules'),
        ('endpoints', '0006_scorings_and_label_counts'),
        ('endpoints', '0007_labels_of_any_length'),
        ('endpoints', '0008_corrections_of_people'),
        ('endpoints', '0009_lost_workers'),
        ('endpoints', '0010_answer_traces_and_counts'),
        ('endpoints', '0011_answers_and_newest'),
        ('endpoints', '0012_scored_from_several_columns'),
        ('endpoints', '0013_answers_being_written'),
    ]

    initial = True

    dependencies = [
        ('projects', '0001_squashed_0011_row_edits'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('training', '0001_squashed_0004_worker_versions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('greeting', models.CharField(blank=True, max_length=300, verbose_name='greeting')),
                ('starters', models.JSONField(default=list)),
                ('color', models.CharField(default='#3d5afe', max_length=7, verbose_name='colour')),
                ('allowed_sites', models.JSONField(default=list)),
                ('visibility', models.CharField(choices=[('team', 'Only my team'), ('link', 'Everyone with the link'), ('public', 'Public'), ('api', 'API only')], default='link', max_length=6, verbose_name='who may use it')),
                ('messages_a_minute', models.PositiveIntegerField(default=12, verbose_name='messages a minute from one visitor')),
                ('requests_a_minute', models.PositiveIntegerField(default=60, verbose_name='API requests a minute for one key')),
                ('threshold', models.FloatField(default=0.0, verbose_name='how sure it must be')),
                ('contact', models.CharField(blank=True, max_length=200, verbose_name='where a person can be reached')),
                ('publishable_key', models.CharField(default=endpoints.models.publishable_key, max_length=60, unique=True)),
                ('published', models.BooleanField(default=False)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='endpoints', to='projects.project')),
                ('rules', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'ordering': ['-created'],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('prefix', models.CharField(max_length=12)),
                ('secret_hash', models.CharField(max_length=64, unique=True)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('expires', models.DateTimeField(blank=True, null=True)),
                ('revoked', models.DateTimeField(blank=True, null=True)),
                ('last_used', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to='projects.team')),
                ('endpoint', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to='endpoints.endpoint')),
            ],
            options={
                'ordering': ['-created'],
            },
        ),
        migrations.CreateModel(
            name='Conversation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(choices=[('page', 'Chat page'), ('widget', 'Widget'), ('api', 'API'), ('try', 'Try-out')], default='page', max_length=6)),
                ('token_hash', models.CharField(blank=True, db_index=True, max_length=64)),
                ('origin', models.CharField(blank=True, max_length=200)),
                ('language', models.CharField(blank=True, max_length=16)),
                ('sequence', models.PositiveIntegerField(default=0)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('updated', models.DateTimeField(auto_now=True)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conversations', to='endpoints.endpoint')),
            ],
            options={
                'ordering': ['-updated'],
                'indexes': [models.Index(fields=['endpoint', '-updated'], name='newest_talks'), models.Index(fields=['endpoint', 'created'], name='talks_by_day')],
            },
        ),
        migrations.CreateModel(
            name='Deployment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answers_with', models.CharField(default='tuned', max_length=24)),
                ('started', models.DateTimeField(auto_now_add=True)),
                ('ended', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deployments', to='training.modelversion')),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deployments', to='endpoints.endpoint')),
                ('settings', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'ordering': ['-started', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended__isnull', True)), fields=('endpoint',), name='one_live_deployment')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('user', 'Visitor'), ('assistant', 'Assistant')], max_length=9)),
                ('text', models.TextField(blank=True)),
                ('state', models.CharField(choices=[('streaming', 'Writing'), ('done', 'Done'), ('unsure', 'Not sure'), ('stopped', 'Stopped'), ('failed', 'Failed')], default='done', max_length=9)),
                ('client_id', models.CharField(blank=True, max_length=40)),
                ('sources', models.JSONField(default=list)),
                ('confidence', models.FloatField(blank=True, null=True)),
                ('prompt_tokens', models.PositiveIntegerField(default=0)),
                ('completion_tokens', models.PositiveIntegerField(default=0)),
                ('seconds', models.FloatField(blank=True, null=True)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='endpoints.conversation')),
                ('deployment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='endpoints.deployment')),
                ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='endpoints.message')),
                ('beat', models.DateTimeField(blank=True, null=True)),
                ('result', models.JSONField(default=dict)),
                ('trace', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('trace', ''), _negated=True), fields=['trace'], name='answers_by_trace'), models.Index(condition=models.Q(('state__in', ['unsure', 'failed'])), fields=['conversation'], name='without_an_answer'), models.Index(condition=models.Q(('state', 'streaming')), fields=['beat'], name='answers_being_written')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('client_id', ''), _negated=True), fields=('conversation', 'client_id'), name='one_message_a_client_id')],
            },
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rating', models.SmallIntegerField(default=0)),
                ('correction', models.TextField(blank=True)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('updated', models.DateTimeField(auto_now=True)),
                ('used_in', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='corrections', to='projects.dataset')),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='feedback', to='endpoints.message')),
                ('corrected_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('question', models.TextField(blank=True)),
                ('question_key', models.BigIntegerField(blank=True, db_index=True, null=True)),
                ('suggestion', models.TextField(blank=True)),
            ],
            options={
                'indexes': [models.Index(fields=['rating', 'updated'], name='newest_ratings')],
            },
        ),
        migrations.CreateModel(
            name='Usage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('requests', models.PositiveIntegerField(default=0)),
                ('prompt_tokens', models.PositiveBigIntegerField(default=0)),
                ('completion_tokens', models.PositiveBigIntegerField(default=0)),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='usage', to='endpoints.endpoint')),
                ('key', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='usage', to='endpoints.apikey')),
                ('answers', models.PositiveIntegerField(default=0)),
                ('unsure', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('endpoint', 'key', 'day'), name='one_usage_a_day'), models.UniqueConstraint(condition=models.Q(('key', None)), fields=('endpoint', 'day'), name='one_keyless_usage_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Scoring',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('threshold', models.FloatField(default=0.0)),
                ('name', models.CharField(max_length=255)),
                ('reading', models.JSONField(default=dict)),
                ('column', models.CharField(blank=True, max_length=255)),
                ('reasons', models.BooleanField(default=True)),
                ('state', models.CharField(choices=[('choosing', 'Waiting for your choice'), ('queued', 'Waiting'), ('running', 'Scoring'), ('done', 'Done'), ('cancelled', 'Stopped'), ('failed', 'Could not be scored')], default='choosing', max_length=10)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('texts', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('seconds', models.FloatField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('error', models.JSONField(default=dict)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('finished', models.DateTimeField(blank=True, null=True)),
                ('worker', models.CharField(blank=True, max_length=64)),
                ('heartbeat', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('deployment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='endpoints.deployment')),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scorings', to='endpoints.endpoint')),
                ('upload', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='projects.upload')),
                ('lost', models.JSONField(blank=True, default=list)),
                ('together', models.JSONField(default=list)),
            ],
            options={
                'ordering': ['-created'],
            },
        ),
        migrations.CreateModel(
            name='LabelCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('label', models.CharField(blank=True, max_length=500)),
                ('count', models.PositiveIntegerField(default=0)),
                ('unsure', models.PositiveIntegerField(default=0)),
                ('outside', models.PositiveIntegerField(default=0)),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='label_counts', to='endpoints.endpoint')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('endpoint', 'day', 'label'), name='one_label_count_a_day')],
            },
        ),
        migrations.CreateModel(
            name='AnswerCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('streaming', 'Writing'), ('done', 'Done'), ('unsure', 'Not sure'), ('stopped', 'Stopped'), ('failed', 'Failed')], max_length=9)),
                ('within', models.FloatField()),
                ('count', models.PositiveBigIntegerField(default=0)),
                ('seconds', models.FloatField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('state', 'within'), name='one_answer_count')],
            },
        ),
    ]
