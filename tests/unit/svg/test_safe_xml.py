from __future__ import annotations

from xml.etree.ElementTree import ParseError

import pytest
from defusedxml import DefusedXmlException, DTDForbidden

from svgtune.svg.safe_xml import read_xml

_ENTITY = '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>'


def test_plain_text_becomes_a_tree() -> None:
    root = read_xml(b'<!-- a --><svg xmlns="http://www.w3.org/2000/svg"><?p q?><g id="x"/></svg>')
    assert [child.tag for child in root] == ["{http://www.w3.org/2000/svg}g"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_no_encoding_hides_an_entity(encoding: str) -> None:
    with pytest.raises(DefusedXmlException):
        read_xml(_ENTITY.encode(encoding))


@pytest.mark.parametrize("name", ["cp037", "cp500", "utf-7", "cp1026", "utf-32", "unicode_escape"])
def test_no_declared_encoding_hides_an_entity(name: str) -> None:
    head = f'<?xml version="1.0" encoding="{name}"?>'.encode()
    for data in (
        head + _ENTITY.encode(name),
        head + b"+ADwAIQ-DOCTYPE svg [<+ACE-ENTITY a 'b'>]><svg>&a;</svg>",
    ):
        with pytest.raises((ParseError, ValueError, LookupError, DefusedXmlException)):
            read_xml(data)


def test_a_document_type_is_refused_only_where_asked() -> None:
    text = b"<!DOCTYPE svg><svg/>"
    assert read_xml(text).tag == "svg"
    with pytest.raises(DTDForbidden):
        read_xml(text, forbid_dtd=True)


def test_an_unknown_entity_is_an_error() -> None:
    with pytest.raises(ParseError, match="undefined entity"):
        read_xml(b"<svg>&nbsp;</svg>")
