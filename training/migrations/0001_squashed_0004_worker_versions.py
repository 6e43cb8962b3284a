"""All tables at once, for a new studio; one that is there goes through the steps that this replaces."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('training', '0001_initial'),
        ('training', '0002_worker_and_time_left'),
        ('training', '0003_lost_workers'),
        ('training', '0004_worker_versions'),
    ]

    initial = True

    dependencies = [
        ('projects', '0001_squashed_0011_row_edits'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TrainingRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('base_model', models.CharField(max_length=80)),
                ('preset', models.CharField(default='balanced', max_length=12)),
                ('config', models.JSONField(default=dict)),
                ('reasons', models.JSONField(default=list)),
                ('estimate', models.FloatField(default=0)),
                ('queue', models.CharField(default='train', max_length=20)),
                ('state', models.CharField(choices=[('queued', 'Waiting'), ('running', 'Training'), ('succeeded', 'Finished'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('phase', models.CharField(blank=True, max_length=30)),
                ('progress', models.FloatField(default=0)),
                ('cancel_requested', models.BooleanField(default=False)),
                ('worker', models.CharField(blank=True, max_length=64)),
                ('heartbeat', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('started', models.DateTimeField(blank=True, null=True)),
                ('finished', models.DateTimeField(blank=True, null=True)),
                ('error', models.JSONField(default=dict)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='projects.dataset')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='projects.project')),
                ('test_dataset', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.dataset')),
                ('modelled', models.FloatField(default=0)),
                ('published', models.DateTimeField(blank=True, null=True)),
                ('seconds_left', models.FloatField(blank=True, null=True)),
                ('lost', models.JSONField(blank=True, default=list)),
            ],
            options={
                'ordering': ['-created'],
            },
        ),
        migrations.CreateModel(
            name='ModelVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('manifest', models.JSONField(default=dict)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='models', to='projects.project')),
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='model', to='training.trainingrun')),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='one_model_a_number')],
            },
        ),
        migrations.CreateModel(
            name='Evaluation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('report', models.JSONField(default=dict)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('model', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='evaluation', to='training.modelversion')),
            ],
        ),
        migrations.CreateModel(
            name='RunLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('code', models.CharField(max_length=40)),
                ('facts', models.JSONField(default=dict)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='training.trainingrun')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='StepMetric',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.PositiveIntegerField()),
                ('loss', models.FloatField(null=True)),
                ('validation_loss', models.FloatField(null=True)),
                ('tokens_per_second', models.FloatField(null=True)),
                ('learning_rate', models.FloatField(null=True)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='metrics', to='training.trainingrun')),
            ],
            options={
                'ordering': ['step'],
                'constraints': [models.UniqueConstraint(fields=('run', 'step'), name='one_metric_a_step')],
            },
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('queues', models.JSONField(default=list)),
                ('facts', models.JSONField(default=dict)),
                ('seen', models.DateTimeField()),
                ('version', models.CharField(blank=True, max_length=20)),
            ],
            options={
                'ordering': ['-seen'],
            },
        ),
    ]
