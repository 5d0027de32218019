"""The complainant's addresses."""

from django.urls import path

from ombud.portal import acting, entry, files, filing, receipt, tracking

app_name = "portal"
urlpatterns = [
    path("", entry.start, name="start"),
    path("to/<slug:policy>/", entry.policy, name="policy"),
    path("files/", files.upload, name="upload"),
    path("file/<slug:policy>/", filing.begin, name="begin"),
    path("file/<slug:policy>/<slug:draft>/<int:number>/", filing.step, name="step"),
    path("file/<slug:policy>/<slug:draft>/check/", filing.check, name="check"),
    path("file/<slug:policy>/<slug:draft>/send/", filing.send, name="send"),
    path("track/", tracking.find, name="find"),
    path("track/<str:reference>/", tracking.status, name="status"),
    path("track/<str:reference>/receipt/", receipt.receipt, name="receipt"),
    path("track/<str:reference>/files/<uuid:key>/", tracking.evidence, name="evidence"),
    path("track/<str:reference>/do/<str:act>/", acting.act, name="act"),
    path("track/<str:reference>/leave/", tracking.leave, name="leave"),
    path("track/<str:reference>/<str:secret>/", tracking.by_link, name="by_link"),
]
