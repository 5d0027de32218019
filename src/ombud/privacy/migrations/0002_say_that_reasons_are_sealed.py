from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]

    operations = [migrations.AlterField("access", "reason", models.TextField(verbose_name="reason, sealed"))]
