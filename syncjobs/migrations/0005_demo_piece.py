"""Which rows the demo made, so that they can go again without anything else."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('syncjobs', '0004_plan_groups'),
    ]

    operations = [
        migrations.CreateModel(
            name='DemoPiece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('connector', 'Connector'), ('login', 'Login'), ('value_map', 'Value Map')], max_length=10)),
                ('number', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'number'), name='one_piece_per_row')],
            },
        ),
    ]
