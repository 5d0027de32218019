"""Stand-ins for the address books of WeCom, DingTalk and Feishu, which answer as their documentation has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from provider_server import Answer, Called, ProviderServer

ID, SECRET, TOKEN = "app-1", "a secret", "t-1"  # of nobody


@dataclass
class Company:
    """Who works where: departments as (id, name, above), people as (id, name, e-mail, departments)."""

    units: list[tuple[str, str, str]] = field(default_factory=list)
    people: list[tuple[str, str, str, list[str]]] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)  # addresses that people entered themselves, by id
    gone: set[str] = field(default_factory=set)  # ids of people who are marked as having left
    shown: list[int] = field(default_factory=lambda: [1])  # of DingTalk: which departments the app may see
    alone: list[str] = field(default_factory=list)  # and which single persons
    said: list[dict[str, Any]] = field(default_factory=list)  # answered before anything else, one after the other

    def inside(self, unit: str) -> list[tuple[str, str, str, list[str]]]:
        return [each for each in self.people if unit in each[3]]


def query_of(call: Called) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(call.target).query).items()}


def wecom(company: Company) -> ProviderServer:
    def token(call: Called) -> Answer:
        known = query_of(call)
        if known != {"corpid": ID, "corpsecret": SECRET}:
            return 200, {"errcode": 40001, "errmsg": "invalid credential"}
        return 200, {"errcode": 0, "errmsg": "ok", "access_token": TOKEN, "expires_in": 7200}

    def departments(call: Called) -> Answer:
        if company.said:
            return 200, company.said.pop(0)
        assert query_of(call)["access_token"] == TOKEN
        rows = [
            {"id": int(key), "name": name, "parentid": int(above or 0), "order": 1}
            for key, name, above in company.units
        ]
        return 200, {"errcode": 0, "errmsg": "ok", "department": rows}

    def users(call: Called) -> Answer:
        known = query_of(call)
        rows = [
            {
                "userid": key,
                "name": name,
                "department": [int(unit) for unit in units],
                "biz_mail": email,
                "email": company.own.get(key, ""),
                "status": 5 if key in company.gone else 1,
                "isleader": 0,
            }
            for key, name, email, units in company.inside(known["department_id"])
        ]
        return 200, {"errcode": 0, "errmsg": "ok", "userlist": rows}

    return ProviderServer(
        {"/cgi-bin/gettoken": token, "/cgi-bin/department/list": departments, "/cgi-bin/user/list": users}
    )


def dingtalk(company: Company, *, page: int = 2) -> ProviderServer:
    def token(call: Called) -> Answer:
        if query_of(call) != {"appkey": ID, "appsecret": SECRET}:
            return 200, {"errcode": 40089, "errmsg": "\u4e0d\u5408\u6cd5\u7684corpid\u6216corpsecret"}
        return 200, {"errcode": 0, "access_token": TOKEN, "errmsg": "ok", "expires_in": 7200}

    def scopes(call: Called) -> Answer:
        shown = {"authed_dept": company.shown, "authed_user": company.alone}
        return 200, {"errcode": 0, "errmsg": "ok", "auth_org_scopes": shown}

    def department(call: Called) -> Answer:
        name = next(name for key, name, _above in company.units if key == str(call.json["dept_id"]))
        return 200, {"errcode": 0, "errmsg": "ok", "result": {"dept_id": call.json["dept_id"], "name": name}}

    def user(call: Called) -> Answer:
        found = [each for each in company.people if each[0] == call.json["userid"] and each[0] not in company.gone]
        if not found:
            return 200, {"errcode": 60121, "errmsg": "\u627e\u4e0d\u5230\u8be5\u7528\u6237"}
        key, name, email, units = found[0]
        row = {"userid": key, "name": name, "org_email": email, "dept_id_list": [int(each) for each in units]}
        return 200, {"errcode": 0, "errmsg": "ok", "result": row}

    def below(call: Called) -> Answer:
        if company.said:
            return 200, company.said.pop(0)
        rows = [
            {"dept_id": int(key), "name": name, "parent_id": int(above)}
            for key, name, above in company.units
            if above == str(call.json["dept_id"])
        ]
        return 200, {"errcode": 0, "errmsg": "ok", "result": rows, "request_id": "x"}

    def users(call: Called) -> Answer:
        assert call.json["size"] <= 100
        found, cursor = company.inside(str(call.json["dept_id"])), call.json["cursor"]
        rows = [
            {
                "userid": key,
                "name": name,
                "org_email": email,
                "dept_id_list": [int(each) for each in units],
                "active": True,
            }
            for key, name, email, units in found[cursor : cursor + page]
            if key not in company.gone
        ]
        more = {"has_more": True, "next_cursor": cursor + page} if len(found) > cursor + page else {"has_more": False}
        return 200, {"errcode": 0, "errmsg": "ok", "result": {**more, "list": rows}, "request_id": "x"}

    return ProviderServer(
        {
            "/gettoken": token,
            "/auth/scopes": scopes,
            "/topapi/v2/department/listsub": below,
            "/topapi/v2/department/get": department,
            "/topapi/v2/user/list": users,
            "/topapi/v2/user/get": user,
        }
    )


def feishu(company: Company, *, page: int = 2) -> ProviderServer:
    def token(call: Called) -> Answer:
        if call.json != {"app_id": ID, "app_secret": SECRET}:
            return 200, {"code": 10014, "msg": "app secret invalid"}
        return 200, {"code": 0, "msg": "ok", "tenant_access_token": TOKEN, "expire": 7200}

    def paged(call: Called, rows: list[dict[str, Any]]) -> Answer:
        if company.said:
            return 400, company.said.pop(0)
        assert call.headers["authorization"] == f"Bearer {TOKEN}"
        begin = int(query_of(call).get("page_token", "0"))
        data: dict[str, Any] = {"has_more": len(rows) > begin + page}
        if found := rows[begin : begin + page]:
            data["items"] = found
        if data["has_more"]:
            data["page_token"] = str(begin + page)
        return 200, {"code": 0, "msg": "success", "data": data}

    def departments(call: Called) -> Answer:
        assert query_of(call)["fetch_child"] == "true"
        rows = [
            {
                "name": name,
                "open_department_id": key,
                "parent_department_id": above,
                "status": {"is_deleted": False},
            }
            for key, name, above in company.units
        ]
        return paged(call, rows)

    def users(call: Called) -> Answer:
        rows = [
            {
                "open_id": key,
                "union_id": f"on_{key}",
                "name": name,
                "enterprise_email": email,
                "department_ids": units,
                "status": {"is_frozen": False, "is_resigned": key in company.gone, "is_activated": True},
            }
            for key, name, email, units in company.inside(query_of(call)["department_id"])
        ]
        return paged(call, rows)

    return ProviderServer(
        {
            "/open-apis/auth/v3/tenant_access_token/internal": token,
            "/open-apis/contact/v3/departments/0/children": departments,
            "/open-apis/contact/v3/users/find_by_department": users,
        }
    )


STAND_INS = {"wecom": wecom, "dingtalk": dingtalk, "feishu": feishu}
