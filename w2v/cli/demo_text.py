"""English text that every machine has: docstrings, comments and the manual of the running Python.

Place in the data flow: files of the standard library -> sentences for `w2v demo`.
"""

from __future__ import annotations

import ast
import os
import re
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

from w2v.errors import W2VError

# Words whose neighbours people can judge; shown after training if the vocabulary has them.
PROBES = ["client", "january", "integer", "directory", "exception", "bytes", "thread", "html"]

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_COMMENT = re.compile(r"^[ \t]*#+[ \t]?(.*)$", re.MULTILINE)
_PARAGRAPH = re.compile(r"\n\s*\n")


def python_sentences() -> Iterator[list[str]]:
    """Yield paragraphs of docstrings, comments and the language manual as lists of lower-case words."""
    for path in sorted(standard_library().rglob("*.py")):
        parts = path.relative_to(standard_library()).parts
        if "site-packages" in parts or "dist-packages" in parts or "lib2to3" in parts:
            continue
        try:
            source = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # some test files of the standard library are broken on purpose
        for text in _texts(source, is_manual="pydoc_data" in parts):
            for paragraph in _PARAGRAPH.split(text):
                words = _WORD.findall(paragraph.lower())
                if len(words) > 2:
                    yield words


def standard_library() -> Path:
    """Return the folder of the running Python's standard library.

    Raises
    ------
    W2VError : it has no sources, as in Windows's embeddable Python.
    """
    folder = Path(os.path.realpath(sysconfig.get_path("stdlib")))
    if not next(folder.glob("*.py"), None):
        raise W2VError(f"{folder}: this Python is installed without the sources of its library, from which the demo "
                       "learns; train on a text of yours: w2v train TEXT -o vectors.bin")
    return folder


def _texts(source: str, *, is_manual: bool) -> Iterator[str]:
    yield from _comment_blocks(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in the library's strings
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if text := ast.get_docstring(node):
                yield text
        elif is_manual and isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _comment_blocks(source: str) -> Iterator[str]:
    """Yield blocks of comments on adjacent lines that have no code."""
    block: list[str] = []
    end = -1
    for match in _COMMENT.finditer(source):
        if match.start() > end + 1 and block:
            yield "\n".join(block)
            block = []
        block.append(match.group(1))
        end = match.end()
    if block:
        yield "\n".join(block)
