"""WeChat: what people write to an official account, in its encrypted mode."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ombud.channels.providers import Entry, Provider, api, template
from ombud.channels.wechat import incoming, outgoing

PROVIDER = Provider(
    title=_("WeChat official account"),
    entries=(
        Entry(name="app_id", label="AppID"),
        Entry(name="app_secret", label="AppSecret", is_secret=True),
        Entry(name="verify_token", label="Token", is_secret=True),
        Entry(
            name="aes_key",
            label="EncodingAESKey",
            is_secret=True,
            help=_("43 characters. Choose the encrypted mode at the provider."),
        ),
        *template(
            _("Template for after 48 hours (its id)"),
            '{"thing1": "{subject}", "character_string2": "{reference}"}',
            _("JSON, by its keywords. {subject}, {reference}, {link} and {text} are filled in; it opens {link}."),
        ),
        api(outgoing.API),
    ),
    read=incoming.read,
    send=outgoing.send,
    check=outgoing.check,
    fetch=outgoing.fetch,
    send_template=outgoing.send_template,
    longest=600,
)
