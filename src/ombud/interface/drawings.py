"""The drawings of lucide, as inline SVG: its archive is opened once, where lucide itself opens it for each icon."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.resources import files
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_SIZE = "18"


def drawn(name: str, attributes: Mapping[str, str]) -> str:
    """Return the SVG of an icon with these attributes. Raises KeyError for one that there is not."""
    svg = ElementTree.fromstring(_archive().read(f"{name}.svg"))
    for node in svg.iter():
        node.tag = node.tag.removeprefix(_NAMESPACE)  # else it is written as ns0:svg, and inline SVG needs no namespace
    svg.attrib.update({"width": _SIZE, "height": _SIZE, **attributes})
    return ElementTree.tostring(svg, encoding="unicode")


@functools.cache
def _archive() -> ZipFile:
    return ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))
