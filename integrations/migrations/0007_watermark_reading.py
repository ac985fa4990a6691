"""A mark knows which reading it belongs to, so that another tenant is not asked for what changed since then elsewhere."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0006_delivery_read_back'),
    ]

    operations = [
        migrations.AddField(
            model_name='watermark',
            name='reading',
            field=models.CharField(blank=True, help_text='what was read and from where, as the connector was set then', max_length=64),
        ),
    ]
