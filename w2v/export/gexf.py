"""GEXF 1.2 for Gephi: words as nodes with `label` and `count`, and an edge to each near word with its cosine.

The identifier of a node is the row of the word. Source: https://gexf.net/1.2/gexf.xsd.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from w2v.export.common import ExportData
from w2v.export.graph import edges, xml_word
from w2v.system.files import atomic_write, check_writable

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">
<graph mode="static" defaultedgetype="undirected">
"""
_COUNT = '<attributes class="node"><attribute id="count" title="count" type="long"/></attributes>\n'


def check(path: str) -> None:
    """Check that the file can be written."""
    check_writable(path)


def write(path: str, data: ExportData) -> None:
    """Write the file, line by line."""
    found = edges(path, data)
    with atomic_write(path) as file:
        file.write((_HEAD + ("" if data.counts is None else _COUNT) + "<nodes>\n").encode())
        file.writelines(_node(i, data).encode() for i in range(len(data.words)))
        file.write(b"</nodes>\n<edges>\n")
        file.writelines(f'<edge id="{i}" source="{a}" target="{b}" weight="{cosine}"/>\n'.encode()
                        for i, (a, b, cosine) in enumerate(found))
        file.write(b"</edges>\n</graph>\n</gexf>\n")


def _node(i: int, data: ExportData) -> str:
    start = f'<node id="{i}" label={quoteattr(xml_word(data.words[i]))}'
    if data.counts is None:
        return f"{start}/>\n"
    return f'{start}><attvalues><attvalue for="count" value="{data.counts[i]}"/></attvalues></node>\n'
