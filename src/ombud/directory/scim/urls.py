"""The server's addresses, below /scim/v2/."""

from __future__ import annotations

from django.urls import path

from ombud.directory.scim import views

app_name = "scim"
urlpatterns = [
    path("ServiceProviderConfig", views.config, name="config"),
    path("ResourceTypes", views.described, {"what": "ResourceTypes"}, name="resource_types"),
    path("ResourceTypes/<str:name>", views.described, {"what": "ResourceTypes"}, name="resource_type"),
    path("Schemas", views.described, {"what": "Schemas"}, name="schemas"),
    path("Schemas/<str:name>", views.described, {"what": "Schemas"}, name="schema"),
    path("Users", views.user_list, name="users"),
    path("Users/<uuid:key>", views.user, name="user"),
    path("Groups", views.group_list, name="groups"),
    path("Groups/<uuid:key>", views.group, name="group"),
    path("", views.nothing, name="root"),
    path("<path:rest>", views.nothing, name="nothing"),
]
