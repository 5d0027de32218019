"""Work orders as a list shows them: of cases that its reader may see, those that wait first."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet

from ombud.cases.access.permissions import Permissions, scoped
from ombud.correspondence.models import OrderSheet, WorkOrder


def listed(sheet: OrderSheet, permissions: Permissions) -> QuerySet[WorkOrder]:
    """Return the orders of a sheet that somebody may see: not returned yet first, soonest wanted first."""
    seen = WorkOrder.objects.filter(sheet=sheet, case__in=scoped(permissions, is_leading=False).values("pk"))
    # Said outright: databases disagree on where what is missing stands.
    order = (F("returned_at").asc(nulls_first=True), F("due_at").asc(nulls_last=True), "id")
    return seen.select_related("case__complainant").order_by(*order)


def counted(sheets: QuerySet[OrderSheet], permissions: Permissions) -> QuerySet[OrderSheet]:
    """Return the sheets with `all` and `waiting`: how many of their orders somebody may see."""
    seen = Q(orders__case__in=scoped(permissions, is_leading=False).values("pk"))
    waiting = seen & Q(orders__returned_at=None)
    return sheets.annotate(all=Count("orders", filter=seen), waiting=Count("orders", filter=waiting))
