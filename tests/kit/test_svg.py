"""SVG from strangers: a picture and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.kit import svg


def drawn(inside: str, attributes: str = "") -> bytes:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {names} {attributes}>{inside}</svg>".encode()


@pytest.mark.parametrize(
    "inside",
    [
        '<path d="M0 0h8"/>',
        '<style>.a { fill: #fff }</style><g class="a"/>',
        '<defs><linearGradient id="g"/></defs><rect fill="url(#g)"/>',
        '<use xlink:href="#g"/>',
        '<image href="data:image/png;base64,AA=="/>',
        "<rect fill='url(\"#g\")'/>",
        '<rect style="fill:url( #g )"/>',
        '<metadata><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" r:about=""/></metadata>',
        '<circle r="1"><animate attributeName="r" values="1;2"/></circle>',
    ],
)
def test_a_picture_is_taken(inside: str) -> None:
    assert svg.fault(drawn(inside)) == ""


@pytest.mark.parametrize(
    ("inside", "why"),
    [
        ("<script>alert(1)</script>", "script"),
        ('<x:script xmlns:x="http://www.w3.org/2000/svg"/>', "script"),
        ("<SCRIPT/>", "script"),
        ("<foreignObject><p/></foreignObject>", "foreignobject"),
        ('<rect onload="a()"/>', "onload"),
        ('<rect ONCLICK="a()"/>', "onclick"),
        ('<image href="https://other.example/x.png"/>', "outside"),
        ('<image xlink:href="//other.example/x.png"/>', "outside"),
        ('<a href="javascript:a()"/>', "outside"),
        ('<a href="java&#x0A;script:a()"/>', "outside"),
        ('<use href="data:image/svg+xml,x"/>', "outside"),
        ('<rect fill="url(https://other.example/x)"/>', "outside"),
        ("<style>@import 'x'</style>", "outside"),
        ("<style>@\\69mport 'x'</style>", "outside"),
        ("<style>a { fill: u\\72l(//other.example/x) }</style>", "outside"),
        ("<style>a { fill: url/**/(//other.example/x) }</style>", "outside"),
        ("<style>@im</style><style>port 'x'</style>", "outside"),
        ("<style>a { width: expression(a()) }</style>", "outside"),
        ("<style>a { background: image-set('//other.example/x' 1x) }</style>", "outside"),
        ('<a><animate attributeName="href" values="javascript:a()"/></a>', "href"),
        ('<a><set attributeName="xlink:href" to="javascript:a()"/></a>', "href"),
        ('<set attributeName="onload" to="a()"/>', "onload"),
        ("<rect style=\"fill:image('//other.example/x')\"/>", "outside"),
        ("<style>a { background: cross-fade('//other.example/x', red) }</style>", "outside"),
        ('<image srcset="//other.example/x 1x"/>', "srcset"),
        ('<a href="#" ping="//other.example/"/>', "ping"),
        ('<h:form xmlns:h="http://www.w3.org/1999/xhtml" action="//other.example/"/>', "HTML"),
        ('<h:meta xmlns:h="http://www.w3.org/1999/xhtml" http-equiv="refresh" content="0;url=//a.example"/>', "HTML"),
        ('<p xmlns="http://www.w3.org/1999/xhtml"/>', "HTML"),
    ],
)
def test_what_is_no_part_of_a_picture_is_named(inside: str, why: str) -> None:
    assert why in svg.fault(drawn(inside))


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "document type"),
        (b'<?xml-stylesheet href="https://other.example/x.css"?><svg/>', "instruction"),
        (b"<html/>", "not an SVG"),
        (b"<svg>", "well-formed"),
        (b"", "well-formed"),
        (b"\xff\xfe<\x00", "well-formed"),
        (b"<svg>" + b"<g>" * 5_000, "too deeply"),
        (drawn("<script/>").decode().encode("utf-16"), "script"),
    ],
)
def test_a_file_that_is_not_a_picture_is_refused(file: bytes, why: str) -> None:
    assert why in svg.fault(file)


@given(st.binary(max_size=200))
def test_any_file_gets_an_answer(file: bytes) -> None:
    assert isinstance(svg.fault(file), str)
