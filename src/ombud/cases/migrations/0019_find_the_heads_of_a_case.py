from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0018_ask_for_erasures")]

    operations = [migrations.AddIndex("dailyhead", models.Index(fields=["reference", "seq"], name="daily_head_seen"))]
