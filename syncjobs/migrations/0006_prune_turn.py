"""Retention of a day: a row that is also the lease of whoever does it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('syncjobs', '0005_demo_piece'),
    ]

    operations = [
        migrations.CreateModel(
            name='PruneTurn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(blank=True, null=True, unique=True)),
                ('removed', models.JSONField(default=dict, help_text='{kind: how many so far}')),
                ('lease_token', models.CharField(blank=True, max_length=36)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'retention of a day',
                'indexes': [models.Index(fields=['-finished_at'], name='prune_last')],
            },
        ),
    ]
