"""Work orders of authorities (12345, 12315): their tables taken in, followed, and returned with our answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ombud.cases import attachments, contents
from ombud.cases.access.permissions import permissions_of
from ombud.cases.errors import AttachmentRefused
from ombud.cases.fold import program_of
from ombud.cases.models import Attachment
from ombud.cases.reading.titles import phase_title
from ombud.channels.orders import listing, sheets, taking_in
from ombud.channels.orders.answers import answered
from ombud.channels.orders.returning import returned
from ombud.channels.orders.sheets import NoTable, Sheet
from ombud.correspondence.models import OrderSheet, WorkOrder
from ombud.interface.downloads import made
from ombud.interface.fields import StoredFile
from ombud.interface.upload_text import upload_text
from ombud.organisation import address_book
from ombud.organisation.models import Outsider
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import outside_roles
from ombud.texts import Text
from ombud.workbench.authorities import may_keep
from ombud.workbench.page import desk, person, show
from ombud.workbench.record import chosen
from ombud.workbench.referral_forms import REGULATOR, SheetForm, same_form

SHOWN = 500  # of one authority's orders
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NO_TABLE = {
    "unreadable": gettext_lazy("This is no table that can be read. Save it as XLSX or CSV."),
    "empty": gettext_lazy("The table has no rows below its heading."),
    "twice": gettext_lazy("Two columns have the same heading. Rename one of them."),
    "many": gettext_lazy("A table may have 2,000 rows. Cut it in pieces."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A table that was sent, under which policy and of which authority."""

    pack: Pack
    authority: Outsider
    token: str
    table: Sheet
    row: OrderSheet | None  # how it is read, where that was said before


@require_http_methods(["GET", "POST"])
@desk
def referrals(request: HttpRequest) -> HttpResponseBase:
    """List the authorities whose tables are known, and take one in; of a new one the columns are asked first."""
    now = timezone.now()
    usable, version, pack, actor = chosen(request, now)
    context: dict[str, Any] = {"policies": [each for each, _pack in usable], "version": version}
    authorities = _authorities([pack for _version, pack in usable])
    if request.method == "POST":
        try:
            sent = _sent(request, pack, authorities)
            if sent.row is None or "again" in request.POST or not _fits(sent.row, sent.table):
                return _mapping(request, sent)
            return _taken(request, sent.row, sent.table, actor)
        except NoTable as error:
            context["problem"] = NO_TABLE[str(error)]
        except AttachmentRefused as error:
            context["problem"] = upload_text(error, getattr(request.FILES.get("file"), "name", None) or "")
        except LookupError:
            context["problem"] = _("Choose the authority and its file.")
    rows = OrderSheet.objects.filter(policy__in=[each.policy for each, _pack in usable])
    counted = listing.counted(rows, permissions_of(person(request)))
    context |= {"rows": counted.select_related("authority").order_by("id"), "authorities": authorities}
    context["can_keep"] = may_keep(person(request), now=now)
    status = 422 if "problem" in context else 200
    return show(request, "workbench/referrals.html", "referrals", context, now=now, status=status)


@require_POST
@desk
def columns(request: HttpRequest) -> HttpResponseBase:
    """Keep which column says what, and take the table in."""
    now = timezone.now()
    usable, _version, pack, actor = chosen(request, now)
    try:
        sent = _sent(request, pack, _authorities([pack for _version, pack in usable]))
    except (NoTable, LookupError, AttachmentRefused):
        messages.error(request, _("The file is kept for a day only. Send it again."))
        return redirect("desk_referrals")
    form, same = _forms(request, sent)
    if not all([form.is_valid(), same.is_valid()]):
        return _mapping(request, sent, form=form, same=same, status=422)
    row = sent.row or OrderSheet(authority=sent.authority, policy=pack.id)
    form.fill(row, same.act_data(), sent.table.heading, by=person(request), now=now)
    row.save()
    return _taken(request, row, sent.table, actor)


@require_http_methods(["GET", "POST"])
@desk
def referral(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show an authority's work orders, those that wait first, and hand out the answers as its own table."""
    now = timezone.now()
    usable, *_rest = chosen(request, now)
    row = OrderSheet.objects.filter(pk=pk, policy__in=[each.policy for each, _pack in usable]).first()
    if row is None:
        raise Http404
    orders = listing.listed(row, permissions_of(person(request)))
    if request.method == "POST":
        wanted = orders if "all" in request.POST else orders.filter(returned_at=None)
        found = answered(wanted, row.answer, person(request))
        if found:
            content = returned(row, found)
            row.orders.filter(pk__in=[each.order.pk for each in found], returned_at=None).update(returned_at=now)
            return made(content, f"{row.authority}-{timezone.localtime(now):%Y%m%d-%H%M}.xlsx", XLSX)
        messages.info(request, _("No work order was answered since they were returned last."))
        return redirect("desk_referral", row.pk)
    context = {"row": row, "orders": _with_phases(orders[:SHOWN])}
    return show(request, "workbench/referral.html", "referrals", context, now=now)


def _with_phases(orders: QuerySet[WorkOrder]) -> list[tuple[WorkOrder, Text]]:
    """Return (order, where its case stands), in order."""
    return [(each, phase_title(program_of(each.case), each.case.phase)) for each in orders]


def _authorities(known: Sequence[Pack]) -> list[Outsider]:
    """Return the entries of the address book that may send work orders: all but partners."""
    roles = {REGULATOR, *(role for pack in known for role in outside_roles(pack))} - {"partner"}
    return [row for rows in address_book.offered(roles).values() for row in rows]


def _sent(request: HttpRequest, pack: Pack, authorities: Sequence[Outsider]) -> Upload:
    """Return the table that was sent, now or a step ago. Raises LookupError, NoTable, AttachmentRefused."""
    asked = request.POST.get("authority", "")
    authority = next((each for each in authorities if str(each.pk) == asked), None)
    file, known = request.FILES.get("file"), StoredFile.from_token(request.POST.get("token", ""))
    if authority is None or (file is None and known is None):
        raise LookupError
    owner = person(request).key
    if file is not None:
        stored = attachments.store(file, name=file.name or "", uploaded_by=owner, now=timezone.now())
        known = StoredFile(str(stored.pk), file.name or "")
    assert known is not None, "one of both is there"
    kept = Attachment.objects.filter(pk=known.id, uploaded_by=owner, case=None).first()
    if kept is None:
        raise LookupError
    try:
        with attachments.content(kept) as content:
            table = sheets.read(content.read())
    except contents.Withheld as error:
        raise AttachmentRefused(error.code) from error
    row = OrderSheet.objects.filter(authority=authority, policy=pack.id).first()
    return Upload(pack=pack, authority=authority, token=known.token, table=table, row=row)


def _fits(row: OrderSheet, table: Sheet) -> bool:
    return set(row.columns.values()) <= set(table.heading)


def _forms(request: HttpRequest, sent: Upload) -> tuple[SheetForm, Any]:
    data = request.POST if "columns" in request.POST else None
    form = SheetForm(data, heading=sent.table.heading, pack=sent.pack, authority=sent.authority, row=sent.row)
    return form, same_form(sent.pack, sent.authority, data, sent.row)


def _mapping(
    request: HttpRequest, sent: Upload, *, form: SheetForm | None = None, same: Any = None, status: int = 200
) -> HttpResponse:
    if form is None:
        form, same = _forms(request, sent)
    first = sent.table.lines[0].cells
    sample = [(name, first.get(name, "")) for name in sent.table.heading]
    context = {"sent": sent, "form": form, "same": same, "sample": sample, "action": reverse("desk_referral_columns")}
    return show(request, "workbench/referral_columns.html", "referrals", context, now=timezone.now(), status=status)


def _taken(request: HttpRequest, row: OrderSheet, table: Sheet, actor: Any) -> HttpResponse:
    now = timezone.now()
    row.heading = list(table.heading)
    row.save(update_fields=["heading"])
    taken = taking_in.take_in(row, table, actor=actor, by=person(request), now=now)
    said = ngettext("%(n)s work order was taken in.", "%(n)s work orders were taken in.", len(taken.new))
    messages.success(request, said % {"n": len(taken.new)})
    if not taken.problems:
        return redirect("desk_referral", row.pk)
    orders = listing.listed(row, permissions_of(person(request)))[:SHOWN]
    context = {"row": row, "orders": _with_phases(orders), "taken": taken}
    return show(request, "workbench/referral.html", "referrals", context, now=now, status=422)
