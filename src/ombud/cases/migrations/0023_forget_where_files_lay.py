from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0022_take_contents_over")]

    operations = [migrations.RemoveField(model_name="attachment", name="stored_as")]
