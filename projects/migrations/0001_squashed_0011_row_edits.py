"""All tables at once, for a new studio; one that is there goes through the steps that this replaces."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('projects', '0001_initial'),
        ('projects', '0002_initial'),
        ('projects', '0003_accepted'),
        ('projects', '0004_tested_by'),
        ('projects', '0005_item_tables'),
        ('projects', '0006_relabel'),
        ('projects', '0007_labelling'),
        ('projects', '0008_labels_of_any_length'),
        ('projects', '0009_corrections_pinned'),
        ('projects', '0010_lost_workers'),
        ('projects', '0011_row_edits'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('created', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=60)),
                ('target', models.CharField(blank=True, max_length=200)),
                ('facts', models.JSONField(default=dict)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='projects.team')),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('editor', 'Editor'), ('viewer', 'Viewer')], default='editor', max_length=8, verbose_name='role')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('expires', models.DateTimeField()),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='projects.team')),
            ],
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('editor', 'Editor'), ('viewer', 'Viewer')], default='editor', max_length=8, verbose_name='role')),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='projects.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'user'), name='one_membership_a_team')],
            },
        ),
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('use_case', models.CharField(max_length=40)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('archived', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='projects', to='projects.team')),
            ],
            options={
                'ordering': ['-created'],
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=255)),
                ('size', models.BigIntegerField()),
                ('received', models.BigIntegerField(default=0)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uploads', to='projects.project')),
            ],
        ),
        migrations.CreateModel(
            name='Dataset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255, verbose_name='name')),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('state', models.CharField(choices=[('uploaded', 'Uploaded'), ('reading', 'Reading'), ('checking', 'Waiting for your check'), ('importing', 'Preparing'), ('ready', 'Ready'), ('rejected', 'Could not be used')], default='uploaded', max_length=10)),
                ('purpose', models.CharField(default='all', max_length=10)),
                ('reading', models.JSONField(default=dict)),
                ('overrides', models.JSONField(default=dict)),
                ('mapping', models.JSONField(default=dict)),
                ('guesses', models.JSONField(default=dict)),
                ('report', models.JSONField(default=dict)),
                ('choices', models.JSONField(default=dict)),
                ('history', models.JSONField(default=list)),
                ('counts', models.JSONField(default=dict)),
                ('content_hash', models.CharField(blank=True, max_length=64)),
                ('error', models.JSONField(default=dict)),
                ('progress', models.FloatField(default=0)),
                ('worker', models.CharField(blank=True, max_length=64)),
                ('heartbeat', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='datasets', to='projects.project')),
                ('upload', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='datasets', to='projects.upload')),
                ('accepted', models.BooleanField(default=False)),
                ('tested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='projects.dataset')),
                ('items', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='item_tables', to='projects.upload')),
                ('items_guesses', models.JSONField(default=dict)),
                ('items_mapping', models.JSONField(default=dict)),
                ('items_reading', models.JSONField(default=dict)),
                ('pinned', models.JSONField(default=list)),
                ('train_with', models.CharField(blank=True, max_length=12)),
                ('lost', models.JSONField(blank=True, default=list)),
                ('edits', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['-created'],
            },
        ),
        migrations.CreateModel(
            name='Relabel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('example_id', models.CharField(max_length=16)),
                ('labels', models.JSONField(default=list)),
                ('created', models.DateTimeField(auto_now=True)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='relabels', to='projects.dataset')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['created', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('dataset', 'example_id'), name='one_relabel_an_example')],
            },
        ),
        migrations.CreateModel(
            name='Labelling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('multi', models.BooleanField(default=False)),
                ('ranked', models.PositiveIntegerField(default=0)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dataset', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='labelling', to='projects.dataset')),
                ('made', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='made_by_labelling', to='projects.dataset')),
                ('changed', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='LabelName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=500)),
                ('labelling', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='projects.labelling')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('labelling', 'name'), name='one_label_a_name')],
            },
        ),
        migrations.CreateModel(
            name='WaitingText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('example_id', models.CharField(max_length=16)),
                ('row', models.PositiveIntegerField(default=0)),
                ('text', models.TextField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('labelled', 'Labelled'), ('skipped', 'Skipped')], default='waiting', max_length=8)),
                ('labels', models.JSONField(default=list)),
                ('decided', models.DateTimeField(blank=True, null=True)),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('priority', models.FloatField(default=0)),
                ('suggestion', models.JSONField(default=list)),
                ('confidence', models.FloatField(blank=True, null=True)),
                ('guessed', models.BooleanField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('held_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('labelling', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='projects.labelling')),
            ],
            options={
                'ordering': ['-priority', 'pk'],
                'indexes': [models.Index(fields=['labelling', 'state', '-priority'], name='labelling_order')],
                'constraints': [models.UniqueConstraint(fields=('labelling', 'example_id'), name='one_waiting_text_an_example')],
            },
        ),
        migrations.AddField(
            model_name='team',
            name='members',
            field=models.ManyToManyField(related_name='teams', through='projects.Membership', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='upload',
            name='items_for',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='item_uploads', to='projects.dataset'),
        ),
    ]
