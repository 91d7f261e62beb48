"""The corpus argument, interpreted once: paths, an integer array, or an iterable of sentences.

Place in the data flow: the first step of every function that takes a corpus. `CorpusInput.of` decides what the argument
is; `w2v.corpus.source` reads it, and `w2v.corpus.outputs` checks that no output overwrites it. No other module looks at
the type of the argument.
"""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias, cast

from w2v.corpus.integers import Integers, is_integer_array
from w2v.corpus.listing import STDIN, LinkedFolder, Listing, list_files
from w2v.corpus.objects import is_column, is_read_once, is_table, plain_corpus
from w2v.corpus.sentences import type_with_article
from w2v.corpus_options import CORPUS_OPTIONS, ReadOptions, TextOptions, corpus_options
from w2v.errors import W2VError
from w2v.system.files import local_path
from w2v.system.remote import address_of, check_allowed, shown_path, without_file_scheme
from w2v.types import StrPath
from w2v.walk_options import WALK_OPTIONS, WalkOptions, walk_options

PATHS_LOOKED_AT = 10  # of a list of str that may be texts
MAX_PATH = 1024  # characters; a longer str is a text
_NAME = re.compile(r"[^\s]*([/\\*?][^\s]*|\.[A-Za-z][A-Za-z0-9]{0,11})", re.ASCII)  # of a file that may not exist


@dataclass(frozen=True, eq=False)
class CorpusInput:
    """Corpus argument, interpreted. At most one of `paths` and `array` is set; if neither is, it is an iterable.

    Attributes
    ----------
    given : the argument as it was passed; for a column of another library, an iterable of its rows.
    paths : paths as text (files, folders, glob patterns, addresses, or "-" for standard input); None if the corpus is
        not in files.
    array : (n,) or (n, k) integers; None for every other kind of corpus.
    table : object that is a table of which a column is read, or a column (`w2v.corpus.tables`); None for every other
        kind of corpus, also for tables in files.
    text : how its lines become words.
    reading : which part of it is read.
    stored : whether `text` is stored with a model, so that for tokens it is right that only a part of it applies.
    seed : of the lines that `reading.sample_lines` draws, 0 to 2^64 - 1.
    walking : None, or for a graph how its edges are read and walked on; then `given` or `paths` is the graph.

    Examples
    --------
    >>> CorpusInput.of("corpus/*.txt").paths
    ('corpus/*.txt',)
    >>> CorpusInput.of([["a", "sentence"]]).name
    'the iterable'
    """

    given: Any
    paths: tuple[str, ...] | None = None
    array: Integers | None = None
    table: Any = None
    text: TextOptions = TextOptions()
    reading: ReadOptions = ReadOptions()
    stored: bool = False
    seed: int = 1
    walking: WalkOptions | None = None

    @classmethod
    def of_graph(cls, graph: Any, options: Mapping[str, Any] | None = None) -> CorpusInput:
        """Interpret a graph: a path or a list of paths, or an object that `w2v.graphs.inputs` reads. No file is opened.

        Raises
        ------
        ValueError, TypeError : an option is wrong, or is one of a text.
        W2VError : a path is an address on the network, and the option `download` is not set.
        """
        given = dict(options or {})
        if others := [name for name in given if name in CORPUS_OPTIONS and name != "download"]:
            raise ValueError(f"{others[0]} is an option of a text, and has no effect on a graph; leave it out")
        walking, (_, reading) = walk_options(given), corpus_options(given)
        if isinstance(graph, CorpusInput):
            return replace(graph, walking=walking) if any(name in given for name in WALK_OPTIONS) else graph
        paths: tuple[str, ...] | None = None
        if isinstance(graph, (str, os.PathLike)):
            paths = (_place(graph),)
        elif isinstance(graph, (list, tuple)) and graph and all(isinstance(one, (str, os.PathLike)) for one in graph):
            paths = tuple(map(_place, graph))
        for address in filter(None, map(address_of, paths or ())):
            check_allowed(address, reading.download)
        return cls(graph, paths=paths, reading=reading, walking=walking)

    @classmethod
    def of(cls, corpus: Corpus, options: Mapping[str, Any] | None = None) -> CorpusInput:
        """Interpret a corpus argument. No file is listed or opened. If the options accept texts, a list of str is taken
        as paths or as texts by what exists.

        Parameters
        ----------
        corpus : a path, a list or tuple of paths, an array of integers, or an iterable of sentences; see `Corpus`. A
            `CorpusInput` keeps its options, unless others are given.
        options : those of `w2v.corpus_options` by name; other names are ignored.

        Returns
        -------
        The interpreted corpus.

        Raises
        ------
        TypeError : `corpus` is bytes, a table, a mapping or a graph, an integer array that has neither 1 nor 2
            dimensions, or not iterable.
        W2VError : a path is an address on the network, and the option `download` is not set.
        """
        text, reading = corpus_options(options or {})
        if options is not None and "walks" in options:
            return cls.of_graph(corpus, options)
        if isinstance(corpus, CorpusInput):
            given = options is not None and any(name in options for name in CORPUS_OPTIONS)
            found = replace(corpus, text=text, reading=reading) if given else corpus
        else:
            found = replace(cls._of(corpus, text, reading), text=text, reading=reading)
        for address in filter(None, map(address_of, found.paths or ())):
            check_allowed(address, found.reading.download)
        return found

    @classmethod
    def _of(cls, corpus: Corpus, text: TextOptions, reading: ReadOptions) -> CorpusInput:
        if isinstance(corpus, (str, os.PathLike)):
            return cls(corpus, paths=(_place(corpus),))
        if isinstance(corpus, (list, tuple)) and corpus and all(isinstance(one, (str, os.PathLike)) for one in corpus):
            if text.takes_texts and _are_texts(corpus):
                return cls(corpus)
            return cls(corpus, paths=tuple(_place(cast("StrPath", path)) for path in corpus))
        if isinstance(files := getattr(corpus, "corpus_paths", None), tuple):  # `w2v.corpus.line_sentences`
            return cls(corpus, paths=files)
        if reading.column is not None and is_table(corpus):
            return cls(corpus, table=corpus)
        plain = plain_corpus(corpus)
        if is_integer_array(plain):
            return cls(corpus, array=cast("Integers", plain))
        return cls(plain, table=corpus if is_column(corpus) else None)

    @property
    def options(self) -> dict[str, Any]:
        """Options that differ from their defaults, as plain values."""
        walking = {} if self.walking is None else self.walking.to_dict()
        return {**self.text.to_dict(), **self.reading.to_dict(), **walking}

    @property
    def name(self) -> str:
        """Name of the corpus for messages: its first path and the number of further paths."""
        if self.walking is not None and self.paths is None:
            return "the graph"
        if self.array is not None:
            return "the array"
        if self.table is not None:
            return "the table"
        if self.paths is None:
            return "the iterable"
        if self.paths == (STDIN,):
            return "stdin"
        first = shown_path(self.paths[0])
        return first if len(self.paths) == 1 else f"{first} and {len(self.paths) - 1} more"

    @cached_property
    def listing(self) -> Listing:
        """Files that the paths name, listed at the first access. No file is opened; addresses are listed by requests.

        Raises
        ------
        TypeError : the corpus is not on disk, or it is text or a list of texts and not a path.
        W2VError : a folder is empty, a pattern matches nothing, or stdin is named twice.
        """
        if self.paths is None:
            raise TypeError(f"the corpus is {type_with_article(self.given)}, not files")
        if isinstance(self.given, str):
            _reject_text(self.given)
        elif isinstance(self.given, (list, tuple)) and all(isinstance(path, str) for path in self.given):
            _reject_tokens(self.paths)
        listings = [list_files(path, download=self.reading.download) for path in self.paths]
        files = [file for listing in listings for file in listing.files]
        if files.count(STDIN) > 1:
            raise W2VError("stdin (-) is given more than once, but can be read only once")
        return Listing(files, sum(one.hidden_skipped for one in listings), sum(one.dangling_links for one in listings),
                       sum(one.special_skipped for one in listings),
                       tuple(link for one in listings for link in one.linked_folders),
                       {file: size for one in listings for file, size in one.remote_sizes.items()})

    @property
    def files(self) -> list[str]:
        """Files that the paths name; raises the errors of `listing`."""
        return self.listing.files

    @property
    def linked_folders(self) -> tuple[LinkedFolder, ...]:
        """Links in the folders of the corpus that lead to other folders; none if the files cannot be listed, which
        reading the corpus reports."""
        try:
            return self.listing.linked_folders
        except (OSError, TypeError, ValueError, W2VError):
            return ()

    def size(self, path: str) -> int | None:
        """Return the size of one of the files in bytes; None if it is unknown. Errors as `checked_size`."""
        sizes = self.listing.remote_sizes
        return sizes[path] if path in sizes else checked_size(path)

    def is_large(self, least: int) -> bool:
        """Return whether the corpus is made of regular files of `least` bytes or more in total. No file is opened.

        Files that cannot be listed give False: reading the corpus reports them.
        """
        if self.paths is None:
            return False
        total = 0
        try:
            for path in self.files:
                status = os.stat(path)
                if not stat.S_ISREG(status.st_mode):
                    return False
                total += status.st_size
                if total >= least:
                    return True
        except (OSError, TypeError, ValueError, W2VError):
            pass
        return False

    @property
    def read_once(self) -> str:
        """What makes it impossible to read the corpus a second time, for messages; "" if it can be read again.

        Files that cannot be listed give "": reading the corpus reports them.
        """
        if self.walking is not None:
            return ""  # its walks are made again, the graph is read once
        if self.paths is None:
            if self.table is not None:
                one_pass = is_read_once(self.table)
            else:
                one_pass = self.array is None and iter(self.given) is self.given
            return f"the corpus is {type_with_article(self.given)}, which gives its sentences once" if one_pass else ""
        try:
            special = [path for path in self.files if path == STDIN or not (address_of(path) or _is_regular(path))]
        except (OSError, TypeError, ValueError, W2VError):
            return ""
        return f"{'stdin' if special[0] == STDIN else special[0]} can be read only once" if special else ""

    def absolute_paths(self) -> list[str] | None:
        """Return the paths in a form that does not depend on the current folder; None if the corpus is not in files."""
        if self.paths is None:
            return None
        return [path if path == STDIN else address_of(path) or os.path.abspath(path) for path in self.paths]


Corpus: TypeAlias = (CorpusInput | StrPath | list[StrPath] | list[str] | list[Path] | tuple[StrPath, ...] | Integers |
                     Iterable[Iterable[str]] | Iterable[Iterable[int]])
"""Type of a corpus argument.

- A path: a file, a folder (all files below it, links to folders followed), a glob pattern, or "-" for standard input.
  Files may be compressed with gzip, bzip2, xz or zstd, be `.zip` or `.tar` archives of texts, or `.npy` files of
  integers.
- An address, such as s3://bucket/part-*.txt.gz or https://host/file, with the option `download`.
- A list or tuple of paths.
- An array of integers: (n,), where a negative number ends a line, or (n, k), a line in each row, where negative numbers
  are padding.
- With the option `column`: a table with the Arrow interface (pyarrow, polars, pandas, DuckDB), or a data set of Hugging
  Face. A column of these needs no name; a row is a text, or a list of words or integers.
- With the options `tokenize="words"` or `tokenizer` an iterable of texts (str), whose line ends end lines. A list of
  str is texts if none of its first items is a path that exists or looks like one.
- An iterable of sentences, each a list of str, or a list or array of integers of at least 0, and tensors
  (`w2v.corpus.objects`). It is read once.
"""


def _place(path: StrPath) -> str:
    """Return a path or an address as text."""
    return address_of(path) or without_file_scheme(local_path(path))


def checked_size(path: str) -> int | None:
    """Return the size of a file in bytes; None for stdin, pipes and devices.

    Raises
    ------
    W2VError : the file does not exist or cannot be opened.
    """
    if path == STDIN:
        return None
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            return None
        with open(path, "rb", buffering=0):
            return status.st_size
    except (OSError, ValueError) as error:
        target = f" (a link to {os.readlink(path)})" if os.path.islink(path) else ""
        raise W2VError(f"{shortened(path, MAX_PATH)}: cannot read: {getattr(error, 'strerror', None) or error}{target}"
                       ) from error


def _is_regular(path: str) -> bool:
    """Return whether a path is neither a pipe nor a device. A missing file counts as regular."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True


def _exists(path: str) -> bool:
    if path == STDIN or os.path.lexists(path):
        return True
    return len(path) <= MAX_PATH and glob.has_magic(path) and any(glob.iglob(path))


def _is_evidence(path: str) -> bool:
    """Return whether an item of a list is a path, and no punctuation that also names something, such as "." or "*"."""
    return any(char.isalnum() for char in path) and _exists(path)


def _are_texts(corpus: Sequence[Any]) -> bool:
    """Return whether a list of str, for options that accept texts, is texts: none of its first items exists as a path
    or looks like one, such as "corpus/a.txt"."""
    first = corpus[:PATHS_LOOKED_AT]
    return all(isinstance(one, str) and not _exists(one) and not _NAME.fullmatch(one) for one in first)


def _reject_tokens(paths: Sequence[str]) -> None:
    """Raise TypeError for a list of str that is probably a list of tokens or of lines: the first one is not a file, and
    has white space, or the next ones are not files either."""
    first = paths[0]
    if address_of(first) is not None or _exists(first):
        return
    if len(first.split()) > 1 or not any(map(_is_evidence, paths[1:PATHS_LOOKED_AT])):
        raise TypeError("the corpus is a list of str, taken as paths, and the first is not a file: "
                        f"{shortened(first)!r}. A sentence is a list of tokens: pass e.g. [s.split() for s in lines], "
                        "or the path of a file; texts are accepted with tokenize='words' or a tokenizer")


def _reject_text(path: str) -> None:
    """Raise TypeError for a str that is probably the text itself."""
    if address_of(path) is not None:
        return
    is_name = len(path.split()) <= 1 and len(path) <= MAX_PATH and "\n" not in path
    if not (is_name or _exists(path)):
        raise TypeError(f"the corpus is a str, taken as a path, and there is no such file: {shortened(path)!r}. To "
                        "train on a text, pass its sentences: [line.split() for line in text.splitlines()]")


def shortened(text: str, longest: int = 80) -> str:
    """Return the start of a text that may be long, for messages."""
    return text if len(text) <= longest else text[:longest] + "..."
