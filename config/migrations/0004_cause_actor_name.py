"""A cause keeps the name of whoever acted when their login is removed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('config', '0003_roles'),
    ]

    operations = [
        migrations.AddField(
            model_name='cause',
            name='actor_name',
            field=models.CharField(blank=True, help_text='who it was, once their login has been removed', max_length=150),
        ),
    ]
