"""`w2v convert` and `w2v info`: conversion and description of files of vectors, and of this installation."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from w2v._version import __version__
from w2v.cli.common import UsageError, encoding_options, isa, positive, print_json, usage
from w2v.errors import W2VError
from w2v.system.fact_table import REPLACED, fit
from w2v.system.files import local_path
from w2v.system.plain import printable, printable_line
from w2v.system.threads import resolve_threads

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from w2v.formats.vectorfile import VectorFile

_PARTS = {"counts": "counts", "metadata": "metadata", "output_vectors": "output vectors",
          "node_vectors": "nodes of hierarchical softmax", "subwords": "n-grams",
          "integer_keys": "that the words are integers", "text_options": "how the text was made into words"}
"""Parts of a file besides words and vectors, with their names in messages."""


def convert_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v convert`."""
    sub.formatter_class = argparse.RawDescriptionHelpFormatter
    sub.epilog = _formats_help()
    from w2v.export import TARGETS
    from w2v.formats import OPTIONS, suffix_help
    from w2v.formats.rows import STORED

    sub.add_argument("input", metavar="IN", help="any file of word vectors, compressed or not")
    sub.add_argument("output", metavar="OUT",
                     help=f"the suffix selects the format: {suffix_help()}, {_export_suffixes()}; for others see --to. "
                     ".gz, .bz2, .xz or .zst after it compresses the file")
    sub.add_argument("--to", choices=[*OPTIONS, *TARGETS], metavar="NAME", help="the format by its name (see below)")
    sub.add_argument("--limit", type=positive, metavar="N", help=f"read only the first N words; {_limits()}")
    sub.add_argument("--keep", metavar="FILE", help="keep only the words of this file, one per line")
    sub.add_argument("--dtype", choices=STORED, help="type of the numbers, if OUT can hold others than float32")
    _which_arguments(sub)
    sub.add_argument("--strict", action="store_true", help="treat duplicates, invalid UTF-8 and other flaws as errors, "
                     "also words that OUT cannot hold, which are left out otherwise")


def _formats_help() -> str:
    """Return a table of all formats of OUT: name, suffixes, and what the file is for."""
    from w2v.export import TARGETS
    from w2v.formats import FORMATS

    rows = [("--to", "suffix", "format of OUT")]
    rows += [(format.option or "", " ".join(filter(None, format.suffixes)), format.about or format.label)
             for format in FORMATS.values() if format.option or format.suffixes]
    rows += [(name, " ".join(target.suffixes), target.about) for name, target in TARGETS.items()]
    names, suffixes = (max(len(row[k]) for row in rows) for k in (0, 1))
    return fit("\n".join(f"{name:<{names}}  {suffix:<{suffixes}}  {about}" for name, suffix, about in rows))


def info_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v info`."""
    sub.add_argument("vectors", nargs="?", metavar="VECTORS")
    _which_arguments(sub)


def _which_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options that say where words and vectors are in a file."""
    from w2v.formats.vectorfile import PARTS

    sub.add_argument("--words", metavar="FILE", help="words of a matrix without words, one per line")
    sub.add_argument("--tensor", metavar="NAME", help="tensor with the vectors, in a .safetensors of another program")
    sub.add_argument("--part", choices=PARTS, help="vectors of gensim's Doc2Vec to read")
    encoding_options(sub)


def _export_suffixes() -> str:
    """Return the suffixes that select an export."""
    from w2v.export import TARGETS

    return ", ".join(suffix for target in TARGETS.values() for suffix in target.suffixes)


def _limits() -> str:
    """Return how many words are written without a limit, for the exports that do not write all."""
    from w2v.export import TARGETS

    names = ", ".join(name for name, target in TARGETS.items() if target.most)
    most = max(target.most or 0 for target in TARGETS.values())
    return f"{names} take the {most:,} most frequent words otherwise"


def run_convert(options: argparse.Namespace) -> None:
    """Read vectors, write them in another format, and report what the format cannot hold."""
    from w2v.formats import read_vectors

    output = _Output.of(options)
    file = read_vectors(options.input, limit=options.limit, only=options.keep, strict=options.strict,
                        words=options.words, tensor=options.tensor, part=options.part, encoding=options.encoding,
                        unicode_errors=options.unicode_errors)
    written = _held(file, output, options.strict)
    left_out = len(file.words) - len(written.words)
    holdable = len(written.words)
    if options.limit is None and output.most is not None and holdable > output.most:
        written = _most_frequent(written, output.most)
    escaped = output.escaped(written)
    if escaped and options.strict:
        raise W2VError(f"cannot write {output.path}: {output.name} can hold {escaped:,} of the words only with escapes "
                       "(not allowed with --strict)")
    metadata = dict(file.metadata)
    if left_out or options.limit or options.keep or options.dtype not in (None, file.rows.dtype_name):
        metadata.pop("evaluation", None)  # results of other vectors
    replaced = os.path.exists(local_path(options.output))
    output.write(written, metadata, options.dtype)
    result = {"input": options.input, "output": options.output, "format": output.name, "words": len(written.words),
              "vector_size": file.rows.shape[1], "source": file.source, "report": file.report,
              "words_left_out": left_out, "words_over_limit": holdable - len(written.words), "words_escaped": escaped,
              "output_replaced": replaced,
              "not_written": _not_written(file, output.keeps - ({"node_vectors"} if left_out else set()))}
    if options.json:
        print_json(result)
        return
    _print_result(result)


def _print_result(result: dict[str, Any]) -> None:
    """Say what was written, and what was not, on stderr."""
    name = result["format"]
    print(printable(f"{result['words']:,} x {result['vector_size']} from {result['source']} to {result['output']}"
                    f"{REPLACED if result['output_replaced'] else ''}"), file=sys.stderr)
    if over := result["words_over_limit"]:
        print(f"{over:,} words are left out: {name} compares all pairs, and takes the {result['words']:,} most "
              "frequent words unless there is --limit N", file=sys.stderr)
    if left_out := result["words_left_out"]:
        print(f"{left_out:,} words that {name} cannot hold, or with NaN or infinity, are left out", file=sys.stderr)
    if escaped := result["words_escaped"]:
        print(f"{escaped:,} words have characters that {name} cannot hold; these are written as escapes, such as \\x07",
              file=sys.stderr)
    if not_written := result["not_written"]:
        print(f"{name} has no place for: {', '.join(not_written)}", file=sys.stderr)


@dataclass(frozen=True)
class _Output:
    """The destination of a conversion: a file format or an export, checked before any work."""

    path: str
    name: str
    is_export: bool
    keeps: frozenset[str]
    most: int | None = None

    @classmethod
    def of(cls, options: argparse.Namespace) -> _Output:
        """Return the destination that the options select.

        Raises
        ------
        UsageError : the suffix or the type does not fit.
        W2VError : the path cannot be written, or a package is missing.
        """
        from w2v.export import TARGETS, check_export, export_for
        from w2v.formats import FORMATS, OPTIONS, format_for
        from w2v.system.files import check_writable

        if options.to not in OPTIONS and (target := export_for(options.output, options.to)) is not None:
            with usage():
                check_export(target, options.output, options.dtype)
            return cls(options.output, target, True, TARGETS[target].keeps, TARGETS[target].most)
        with usage(spelled=lambda problem: f"{problem}; or {_export_suffixes()}; for others see --to"):
            name = OPTIONS.get(options.to) or format_for(options.output)
        format = FORMATS[name]
        if options.dtype is not None and options.dtype not in format.dtypes:
            raise UsageError(f"--dtype {options.dtype}: {format.label} has {' or '.join(format.dtypes)}; write "
                             ".safetensors for other types")
        check_writable(options.output)
        return cls(options.output, name, False, format.keeps)

    def holds(self, file: VectorFile) -> npt.NDArray[np.bool_]:
        """Return (n,), whether the output can hold each word."""
        import numpy as np

        from w2v import export, formats

        words_held = export.words_held if self.is_export else formats.words_held
        held = words_held(file.words, self.name)
        holds = np.full(len(file.words), held is None)
        if held is not None:
            holds[held] = True
        return holds

    def escaped(self, file: VectorFile) -> int:
        """Return the number of words that the output holds only with escapes."""
        from w2v.export import words_escaped

        return words_escaped(file.words, self.name) if self.is_export else 0

    def write(self, file: VectorFile, metadata: dict[str, str], dtype: str | None) -> None:
        """Write the vectors."""
        from w2v.export import export_vectors
        from w2v.formats import write_vectors

        if self.is_export:
            export_vectors(self.name, self.path, file.words, file.rows, file.counts, dtype)
            return
        write_vectors(self.path, file.words, file.rows, file.counts, format=self.name, metadata=metadata, dtype=dtype,
                      output_vectors=file.output_vectors, subwords=file.subwords, node_vectors=file.node_vectors,
                      integer_keys=file.integer_keys, text_options=file.text_options)


def _held(file: VectorFile, output: _Output, strict: bool) -> VectorFile:
    """Return the file without the words that the output cannot hold, or whose vectors are not finite.

    Raises
    ------
    W2VError : it can hold none of the words; or with `strict` not all of them.
    """
    import numpy as np

    from w2v.formats.vectorfile import finite_rows

    holds, finite = output.holds(file), finite_rows(file.rows)
    if not finite.all():
        file.report["not_finite"] = int((~finite).sum())
    holds &= finite
    if holds.all():
        return file
    first = file.words[int(np.argmin(holds))]
    if strict or not holds.any():
        how = " (not allowed with --strict)" if strict else ""
        raise W2VError(f"cannot write {output.path}: {output.name} can hold {'not all' if holds.any() else 'none'} of "
                       f"the words, for example not {first[:80]!r}{how}")
    return file.take(np.flatnonzero(holds))


def _most_frequent(file: VectorFile, most: int) -> VectorFile:
    """Return the file with its most frequent words, in its order; the first ones if there are no counts."""
    import numpy as np

    order = np.arange(len(file.words)) if file.counts is None else np.argsort(-file.counts, kind="stable")
    return file.take(np.sort(order[:most]))


def _not_written(file: VectorFile, keeps: frozenset[str]) -> list[str]:
    """Return the names of the parts of the input that the output has no place for."""
    present = {"counts": file.counts is not None, "metadata": bool(file.metadata),
               "output_vectors": file.output_vectors is not None, "node_vectors": file.node_vectors is not None,
               "subwords": file.subwords is not None, "integer_keys": file.integer_keys,
               "text_options": file.text_options is not None}
    return [_PARTS[part] for part, is_present in present.items() if is_present and part not in keeps]


def run_info(options: argparse.Namespace) -> None:
    """Print the description of a file, or of this installation."""
    facts = _installation() if options.vectors is None else _file_facts(options)
    if options.json:
        print_json(facts)
        return
    print(printable(fit("\n".join(_lines(facts, "")))))


def _lines(facts: dict[str, Any], indent: str) -> Iterator[str]:
    """Yield a line for each fact, with the facts of a dict below its name."""
    from w2v.evaluation.output.record import readable

    for name, value in facts.items():
        name = indent + printable_line(name)
        if name == "  evaluation" and isinstance(value, dict):
            yield from (f"{f'  evaluation, {set}':<28}{printable_line(text)}" for set, text in readable(value))
        elif isinstance(value, dict):
            yield from (name, *_lines(value, indent + "  "))
        else:
            yield f"{name:<{18 if indent else 14}}  {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value):
        return printable_line(json.dumps(value))
    text = ", ".join(map(str, value)) if isinstance(value, list) else f"{value:,}" if type(value) is int else str(value)
    return printable_line(text)


def _installation() -> dict[str, Any]:
    import numpy as np

    from w2v.training.loop._isa import available_isas

    return {"version": __version__, "isa": isa(), "isas": available_isas(), "threads": resolve_threads("auto"),
            "python": sys.version.split()[0], "numpy": np.__version__, "platform": sys.platform}


def _file_facts(options: argparse.Namespace) -> dict[str, Any]:
    """Return the description of a file of vectors, with its metadata."""
    from w2v.formats import read_vectors
    from w2v.formats.vectorfile import finite_rows
    from w2v.keyedvectors import KeyedVectors

    file = read_vectors(options.vectors, words=options.words, tensor=options.tensor, part=options.part,
                        encoding=options.encoding, unicode_errors=options.unicode_errors)
    if not_finite := int((~finite_rows(file.rows)).sum()):
        file.report["not_finite"] = not_finite
    return {"path": options.vectors, "format": file.format, "bytes": os.path.getsize(local_path(options.vectors)),
            **KeyedVectors.from_file(file).to_dict()}
