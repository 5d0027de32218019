from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0033_index_more_spellings")]

    operations = [
        migrations.RemoveIndex(model_name="duty", name="duty_falls_due"),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(
                condition=models.Q(("is_outsiders", False), ("status", "open")),
                fields=["policy", "due_at", "case", "status", "is_outsiders"],
                name="duty_falls_due",
            ),
        ),
    ]
