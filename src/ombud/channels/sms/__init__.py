"""SMS: through any gateway that speaks HTTP, and through Aliyun and Tencent Cloud."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ombud.channels.providers import Entry, Provider, api, parameters
from ombud.channels.sms import aliyun, gateway, tencent

_REGION = Entry(
    name="region",
    label=_("Country of numbers without its code"),
    usual="CN",
    is_needed=False,
    help=_("Two letters, such as CN."),
)


_FILLED = _("JSON. {subject}, {reference}, {link} and {text} are filled in.")

GATEWAY = Provider(
    title=_("SMS (any gateway with HTTP)"),
    entries=(
        Entry(
            name="url",
            label=_("Address"),
            is_address=True,
            help=_("{number}, {text}, {id} and {secret} are filled in."),
        ),
        Entry(name="method", label=_("Method"), choices=(("POST", "POST"), ("GET", "GET")), usual="POST"),
        Entry(
            name="body",
            label=_("Body"),
            is_long=True,
            is_needed=False,
            usual='{"to": "{number}", "text": "{text}"}',
            help=_("With the same placeholders. What begins with a brace is sent as JSON, else as a form."),
        ),
        Entry(name="secret", label=_("Secret"), is_secret=True, is_needed=False),
        Entry(
            name="header",
            label=_("Header"),
            is_needed=False,
            help=_("For example: Authorization: Bearer {secret}"),
        ),
        Entry(
            name="success",
            label=_("Sent, if the answer holds"),
            is_needed=False,
            help=_("PATH=VALUE of its JSON, such as code=0. Without it, the status decides."),
        ),
        Entry(name="id_path", label=_("Where the answer holds the id"), is_needed=False, usual="id"),
        Entry(
            name="incoming",
            label=_("Names in what it calls us with"),
            is_needed=False,
            usual="from=from, text=text, id=id, status=status, reason=reason",
            help=_("Of number, text, id, and the status and reason of one that we sent."),
        ),
        _REGION,
    ),
    read=gateway.read,
    send=gateway.send,
    check=gateway.check,
    longest=300,
    is_by_number=True,
)
ALIYUN = Provider(
    title=_("SMS (Aliyun)"),
    entries=(
        Entry(name="key_id", label="AccessKey ID"),
        Entry(name="key_secret", label="AccessKey Secret", is_secret=True),
        Entry(name="sign", label=_("Signature")),
        Entry(name="template", label=_("Template")),
        parameters('{"subject": "{subject}", "reference": "{reference}", "link": "{link}"}', _FILLED),
        api(aliyun.API),
        _REGION,
    ),
    read=aliyun.read,
    send=aliyun.send,
    check=aliyun.check,
    longest=300,
    is_by_number=True,
)
TENCENT = Provider(
    title=_("SMS (Tencent Cloud)"),
    entries=(
        Entry(name="key_id", label="SecretId"),
        Entry(name="key_secret", label="SecretKey", is_secret=True),
        Entry(name="app_id", label="SmsSdkAppId"),
        Entry(name="sign", label=_("Signature")),
        Entry(name="template", label=_("Template")),
        parameters('["{reference}", "{link}"]', _FILLED),
        Entry(name="cloud_region", label=_("Region of the cloud"), usual="ap-guangzhou", is_needed=False),
        api(tencent.API),
        _REGION,
    ),
    read=tencent.read,
    send=tencent.send,
    check=tencent.check,
    longest=300,
    is_by_number=True,
)
