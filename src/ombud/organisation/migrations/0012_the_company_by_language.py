from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0011_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="house",
            name="names",
            field=models.JSONField(blank=True, default=dict, verbose_name="name of the company"),
        ),
        migrations.AddField(
            model_name="house",
            name="addresses",
            field=models.JSONField(blank=True, default=dict, verbose_name="address"),
        ),
        migrations.AddField(
            model_name="house",
            name="logo",
            field=models.BinaryField(blank=True, default=bytes, verbose_name="logo"),
        ),
        migrations.AddField(
            model_name="house",
            name="seal",
            field=models.BinaryField(blank=True, default=bytes, verbose_name="seal"),
        ),
    ]
