"""The complainant's addresses."""

from django.urls import path

from ombud.portal import acting, entry, files, filing, house, letters, lost, receipt, survey, tracking, ways_back

app_name = "portal"
urlpatterns = [
    path("", entry.start, name="start"),
    path("to/<slug:policy>/", entry.policy, name="policy"),
    path("privacy/", entry.privacy, name="privacy"),
    path("house/logo/", house.logo, name="logo"),
    path("house/colour.css", house.colour, name="colour"),
    path("files/parts/", files.begin, name="upload_begin"),
    path("files/parts/<uuid:key>/", files.part, name="upload_part"),
    path("file/<slug:policy>/", filing.begin, name="begin"),
    path("file/<slug:policy>/<slug:draft>/<int:number>/", filing.step, name="step"),
    path("file/<slug:policy>/<slug:draft>/check/", filing.check, name="check"),
    path("file/<slug:policy>/<slug:draft>/send/", filing.send, name="send"),
    path("file/<slug:policy>/<slug:draft>/held/", filing.held, name="held"),
    path("at/<int:number>/<slug:mark>/", filing.by_partner, name="partner"),
    path("track/", tracking.find, name="find"),
    path("track/code/", lost.lost, name="lost"),
    path("track/code/asked/", lost.asked, name="asked"),
    path("track/<str:reference>/", tracking.status, name="status"),
    path("track/<str:reference>/open/", ways_back.way_back, name="way_back"),
    path("track/<str:reference>/receipt/", receipt.receipt, name="receipt"),
    path("track/<str:reference>/files/<uuid:key>/", tracking.evidence, name="evidence"),
    path("track/<str:reference>/letters/<int:key>/", letters.letter, name="letter"),
    path("track/<str:reference>/letters/<int:key>.docx", letters.to_sign, name="to_sign"),
    path("track/<str:reference>/do/<str:act>/", acting.act, name="act"),
    path("track/<str:reference>/leave/", tracking.leave, name="leave"),
    path("track/<str:reference>/<str:secret>/", tracking.by_link, name="by_link"),
    path("survey/<int:key>/", survey.survey, name="survey"),
    path("letters/<slug:mark>/", letters.verified, name="verified"),
]
