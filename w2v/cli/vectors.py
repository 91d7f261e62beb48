"""`w2v convert` and `w2v info`: files of vectors, and what this installation can do."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from w2v._version import __version__
from w2v.cli.common import UsageError, check_suffix, isa, positive, print_json, usage
from w2v.system.plain import printable
from w2v.system.threads import resolve_threads

if TYPE_CHECKING:
    from w2v.formats.vectorfile import VectorFile


def convert_arguments(sub: argparse.ArgumentParser) -> None:
    from w2v.export import TARGETS
    from w2v.formats.rows import STORED

    sub.add_argument("input", metavar="IN", help="any file of word vectors, compressed or not")
    sub.add_argument("output", metavar="OUT", help=".bin (word2vec binary), .txt or .vec (word2vec text), .safetensors"
                     f", {', '.join(suffix for target in TARGETS.values() for suffix in target.suffixes)}; or see --to")
    about = {"fasttext": "a .bin that fastText loads", **{name: target.about for name, target in TARGETS.items()}}
    sub.add_argument("--to", choices=about, metavar="NAME",
                     help="; ".join(f"{name}: {text}" for name, text in about.items()))
    sub.add_argument("--limit", type=positive, metavar="N", help="look only at the first N words")
    sub.add_argument("--keep", metavar="FILE", help="keep only the words of this file, one a line")
    sub.add_argument("--dtype", choices=STORED, help="numbers to write, where OUT can have others than float32")
    sub.add_argument("--words", metavar="FILE", help="words of a matrix that has none, one a line")
    sub.add_argument("--strict", action="store_true", help="duplicates, bad UTF-8 and the like are errors")


def info_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("vectors", nargs="?", metavar="VECTORS")
    sub.add_argument("--words", metavar="FILE", help="words of a matrix that has none, one a line")


def run_convert(options: argparse.Namespace) -> None:
    from w2v.export import check_export, export_for, export_vectors
    from w2v.formats import format_for, read_vectors, write_vectors
    from w2v.formats.vectorfile import FASTTEXT_BINARY, SAFETENSORS
    from w2v.system.files import check_writable

    fasttext = options.to == "fasttext"
    target = None if fasttext else export_for(options.output, options.to)
    if target is None:
        if not fasttext:
            check_suffix(options.output)
        format = FASTTEXT_BINARY if fasttext else format_for(options.output)
        if options.dtype not in (None, "float32") and format != SAFETENSORS:
            raise UsageError(f"--dtype {options.dtype}: word2vec's and fastText's formats have float32; write "
                             ".safetensors")
        check_writable(options.output)
    else:
        with usage():
            check_export(target, options.output, options.dtype)
    file = read_vectors(options.input, limit=options.limit, only=options.keep, strict=options.strict,
                        words=options.words)
    left_out = 0
    metadata = dict(file.metadata)
    if options.limit or options.keep or options.dtype not in (None, file.rows.dtype_name):
        metadata.pop("evaluation", None)  # that of other vectors
    if target is None:
        write_vectors(options.output, file.words, file.rows, file.counts, format=format, metadata=metadata,
                      dtype=options.dtype, output_vectors=file.output_vectors, subwords=file.subwords,
                      node_vectors=file.node_vectors)
    else:
        left_out = export_vectors(target, options.output, file.words, file.rows, file.counts, options.dtype)
    kind = target or format
    result = {"input": options.input, "output": options.output, "format": kind, "words": len(file.words) - left_out,
              "vector_size": file.rows.shape[1], "source": file.source, "report": file.report,
              "words_left_out": left_out, "not_written": _not_written(file, kind)}
    if options.json:
        print_json(result)
        return
    print(printable(f"{result['words']:,} x {result['vector_size']} from {file.source} to {options.output}"),
          file=sys.stderr)
    if left_out:
        print(f"{left_out:,} words that {kind} cannot hold are left out", file=sys.stderr)
    if result["not_written"]:
        print(f"{kind} has no place for: {', '.join(result['not_written'])}", file=sys.stderr)


def _not_written(file: VectorFile, kind: str) -> list[str]:
    """What of the input the output has no place for."""
    from w2v.formats.vectorfile import FASTTEXT_BINARY, SAFETENSORS

    if kind == SAFETENSORS:
        return []
    fasttext = kind == FASTTEXT_BINARY
    there = {"counts": file.counts is not None and kind not in ("projector", "parquet", "pgvector", FASTTEXT_BINARY),
             "metadata": bool(file.metadata), "output vectors": file.output_vectors is not None and not fasttext,
             "nodes of hierarchical softmax": file.node_vectors is not None,
             "n-grams": file.subwords is not None and not fasttext}
    return [name for name, lost in there.items() if lost]


def run_info(options: argparse.Namespace) -> None:
    from w2v.evaluation.output.record import readable

    facts = _installation() if options.vectors is None else _card(options)
    if options.json:
        print_json(facts)
        return
    for name, value in facts.items():
        if isinstance(value, dict):
            print(name)
            for key, item in value.items():
                if name == "metadata" and key == "evaluation" and isinstance(item, dict):
                    for set, text in readable(item):
                        print(printable(f"  {f'evaluation, {set}':<26}{text}"))
                else:
                    print(f"  {printable(str(key)):<20}{_shown(item)}")
        else:
            print(f"{name:<16}{_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return printable(json.dumps(value))
    text = ", ".join(map(str, value)) if isinstance(value, list) else f"{value:,}" if type(value) is int else str(value)
    return printable(text)


def _installation() -> dict[str, Any]:
    import numpy as np

    from w2v.training.loop._isa import available_isas

    return {"version": __version__, "isa": isa(), "isas": available_isas(), "threads": resolve_threads("auto"),
            "python": sys.version.split()[0], "numpy": np.__version__, "platform": sys.platform}


def _card(options: argparse.Namespace) -> dict[str, Any]:
    """What a file of vectors is, and what it says about itself: its model card."""
    from w2v.formats import read_vectors

    file = read_vectors(options.vectors, words=options.words)
    facts: dict[str, Any] = {
        "path": options.vectors, "source": file.source, "format": file.format, "words": len(file.words),
        "vector_size": file.rows.shape[1], "dtype": file.rows.dtype_name, "bytes": os.path.getsize(options.vectors),
        "first_words": [word[:40] for word in file.words[:5]]}
    if file.counts is not None:
        facts["tokens"] = int(file.counts.sum())
    if file.output_vectors is not None:
        facts["output_vectors"] = "yes"
    if file.subwords is not None:
        facts["subwords"] = repr(file.subwords).strip("<>")
    if file.report:
        facts["report"] = file.report
    if file.metadata:
        facts["metadata"] = {key: _parsed(text) for key, text in file.metadata.items()}
    return facts


def _parsed(text: str) -> Any:
    """Values that are JSON objects or lists as such, everything else as it stands."""
    try:
        return json.loads(text) if text[:1] in ("{", "[") else text
    except (ValueError, RecursionError):
        return text
