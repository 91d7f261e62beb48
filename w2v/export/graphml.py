"""GraphML for networkx, igraph, yEd and Gephi: words as nodes with `label` and `count`, edges with their cosine as
`weight`.

The identifier of a node is n and the row of the word. Source: http://graphml.graphdrawing.org/specification.html.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from w2v.export.common import ExportData
from w2v.export.graph import edges, xml_word
from w2v.system.files import atomic_write, check_writable

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="label" for="node" attr.name="label" attr.type="string"/>
<key id="weight" for="edge" attr.name="weight" attr.type="double"/>
"""
_COUNT = '<key id="count" for="node" attr.name="count" attr.type="long"/>\n'


def check(path: str) -> None:
    """Check that the file can be written."""
    check_writable(path)


def write(path: str, data: ExportData) -> None:
    """Write the file, line by line."""
    found = edges(path, data)
    with atomic_write(path) as file:
        head = _HEAD + ("" if data.counts is None else _COUNT)
        file.write(f'{head}<graph edgedefault="undirected">\n'.encode())
        file.writelines(_node(i, data).encode() for i in range(len(data.words)))
        file.writelines(f'<edge source="n{a}" target="n{b}"><data key="weight">{cosine}</data></edge>\n'.encode()
                        for a, b, cosine in found)
        file.write(b"</graph>\n</graphml>\n")


def _node(i: int, data: ExportData) -> str:
    label = escape(xml_word(data.words[i]), {"\r": "&#13;"})  # a plain one is read as a line feed
    count = "" if data.counts is None else f'<data key="count">{data.counts[i]}</data>'
    return f'<node id="n{i}"><data key="label">{label}</data>{count}</node>\n'
