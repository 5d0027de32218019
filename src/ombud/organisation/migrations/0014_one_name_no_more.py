from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0013_what_the_company_said"),
    ]

    operations = [
        migrations.RemoveField(model_name="house", name="name"),
        migrations.RemoveField(model_name="house", name="address"),
    ]
