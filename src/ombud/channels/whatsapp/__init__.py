"""WhatsApp, through Meta's Cloud API."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ombud.channels import meta
from ombud.channels.providers import Entry, Provider, template
from ombud.channels.whatsapp import incoming, outgoing

PROVIDER = Provider(
    title="WhatsApp",
    entries=(
        Entry(name="phone_number_id", label=_("Phone number id")),
        *meta.ENTRIES,
        *template(
            _("Template for after 24 hours"),
            '["{subject}", "{reference}", "{link}"]',
            _("JSON, in the order of {{1}}, {{2}} ... {subject}, {reference}, {link} and {text} are filled in."),
        ),
        Entry(
            name="template_languages",
            label=_("Languages of the template"),
            is_needed=False,
            usual="zh_CN, en",
            help=_("As it was approved in, such as zh_CN, en, de. Who reads none of them gets the first."),
        ),
    ),
    read=incoming.read,
    send=outgoing.send,
    check=outgoing.check,
    fetch=outgoing.fetch,
    send_template=outgoing.send_template,
    longest=4000,
)
