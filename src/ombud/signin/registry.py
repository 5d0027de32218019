"""The kinds of providers that there are: one entry for each."""

from __future__ import annotations

from collections.abc import Mapping

from ombud.signin.models import Provider
from ombud.signin.providers import dingtalk, feishu, openid_connect, saml, wecom
from ombud.signin.ways import Way

WAYS: Mapping[str, Way] = {
    Provider.Kind.OPENID: openid_connect.WAY,
    Provider.Kind.SAML: saml.WAY,
    Provider.Kind.DINGTALK: dingtalk.WAY,
    Provider.Kind.FEISHU: feishu.WAY,
    Provider.Kind.WECOM: wecom.WAY,
}
