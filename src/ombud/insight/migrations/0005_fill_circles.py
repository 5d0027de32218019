"""Tell of every measured case who may see it, so that figures of those who see only some need not wait for a rebuild."""

from collections import defaultdict
from typing import Any

from django.db import migrations

AT_ONCE = 5000


def fill(apps: Any, _schema_editor: Any) -> None:
    of = {name: apps.get_model("insight", name).objects for name in ("Measured", "Circle", "Acquaintance")}
    participations = apps.get_model("cases", "Participation").objects
    circles: dict[str, int] = {}
    met: set[tuple[int, int]] = set()
    last = 0
    while keys := list(of["Measured"].filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        viewers = defaultdict(list)
        rows = participations.filter(case__gt=last, case__lte=keys[-1]).order_by("case", "viewer")
        for case, viewer in rows.values_list("case", "viewer"):
            viewers[case].append(viewer)
        cases = defaultdict(list)
        for key in keys:
            text = " ".join(sorted(each for each in viewers[key] if not each.startswith("p")))
            if text not in circles:
                circles[text] = of["Circle"].get_or_create(viewers=text)[0].pk
            cases[circles[text]].append(key)
            met.update((circles[text], int(each[1:])) for each in viewers[key] if each.startswith("p"))
        for circle, some in cases.items():
            for first in range(0, len(some), 500):
                of["Measured"].filter(pk__in=some[first : first + 500]).update(circle=circle)
        last = keys[-1]
    model = apps.get_model("insight", "Acquaintance")
    of["Acquaintance"].bulk_create(
        [model(circle_id=circle, person=person) for circle, person in sorted(met)],
        batch_size=500,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("insight", "0004_circles")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
