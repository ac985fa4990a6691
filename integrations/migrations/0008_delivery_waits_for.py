"""A write names the one it waits for, so that one refusal is one error."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('config', '0004_cause_actor_name'),
        ('integrations', '0007_watermark_reading'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='waits_for',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='waiting', to='integrations.delivery'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('waits_for__isnull', False)), fields=['waits_for'], name='delivery_waits_for'),
        ),
    ]
