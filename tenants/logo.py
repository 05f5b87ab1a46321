"""A logo for letters: a small PNG, or an SVG that only draws. What could run, load or hide something in a family's letter is refused."""

from __future__ import annotations

import base64
import binascii
import zlib
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

LARGEST = 24 * 1024  # bytes: a letter is opened on telephones, and a request has 64 KiB
MOST_PIXELS = 2_000  # a side
PNG = "data:image/png;base64,"
SVG = ("data:image/svg+xml;base64,", "data:image/svg+xml;utf8,", "data:image/svg+xml,")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
NAMESPACE = "{http://www.w3.org/2000/svg}"
_DRAWN = "svg g path rect circle ellipse line polyline polygon title desc defs linearGradient radialGradient stop clipPath text tspan"
_SAID = (
    "viewBox width height x y x1 y1 x2 y2 cx cy r rx ry fx fy d points fill stroke stroke-width stroke-linecap stroke-linejoin"
    " fill-rule clip-rule clip-path fill-opacity stroke-opacity opacity transform id offset stop-color stop-opacity gradientUnits"
    " gradientTransform preserveAspectRatio version font-family font-size font-weight text-anchor dx dy stroke-dasharray"
    " stroke-miterlimit clipPathUnits spreadMethod"
)
DRAWN, SAID = frozenset(_DRAWN.split()), frozenset(_SAID.split())


def why_unfit(logo: str) -> str:
    """What is wrong with a logo, given as a data URL; "" where nothing is."""
    if logo.startswith(PNG):
        return _png(_decoded(logo.removeprefix(PNG)))
    for form in SVG:
        if logo.startswith(form):
            rest = logo.removeprefix(form)
            return _svg(_decoded(rest) if form.endswith("base64,") else unquote_to_bytes(rest))
    return "is no data URL of a PNG or an SVG"


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _png(data: bytes | None) -> str:
    if data is None or not data.startswith(SIGNATURE):
        return "is not the PNG that it says it is"
    if len(data) > LARGEST:
        return f"has {len(data)} bytes, more than {LARGEST}"
    at, kinds = len(SIGNATURE), []
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body, check = data[at + 8 : at + 8 + length], data[at + 8 + length : at + 12 + length]
        if len(body) != length or check != zlib.crc32(kind + body).to_bytes(4, "big"):
            return "is a broken PNG"
        if kind == b"IHDR" and not all(0 < int.from_bytes(body[n : n + 4], "big") <= MOST_PIXELS for n in (0, 4)):
            return f"has a side of more than {MOST_PIXELS} pixels"
        kinds.append(kind)
        at += 12 + length
    whole = kinds[:1] == [b"IHDR"] and kinds[-1:] == [b"IEND"] and b"IDAT" in kinds and at == len(data)
    return "" if whole else "is a broken PNG"


def _svg(data: bytes | None) -> str:
    if data is None:
        return "is not the SVG that it says it is"
    if len(data) > LARGEST:
        return f"has {len(data)} bytes, more than {LARGEST}"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return "is no UTF-8"
    if "<!" in text.replace("<!--", "") or "<?" in text.removeprefix("\ufeff").removeprefix("<?xml "):
        return "declares something: a drawing needs no entities and no instructions"
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without a document type it has no entities to expand
    except ElementTree.ParseError:
        return "is a broken SVG"
    if root.tag != f"{NAMESPACE}svg":
        return "is not the SVG that it says it is"
    for element in root.iter():
        name = str(element.tag).removeprefix(NAMESPACE)
        if name not in DRAWN:
            return f"has a <{name[:40]}>, which does more than draw"
        for key, value in element.attrib.items():
            if key not in SAID:
                return f"has the attribute {key[:40]}, which does more than draw"
            if "url(" in value and not value.strip().startswith("url(#"):
                return "loads something from elsewhere"
    return ""
