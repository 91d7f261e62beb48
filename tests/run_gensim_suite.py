"""Run gensim's own tests on w2v: `python tests/run_gensim_suite.py [FILE ...]`, for example `test_word2vec.py`.

The tests of the installed gensim 4.4 are copied into a temporary folder, and only their imports are changed, so that
the classes come from w2v. Needs the extra `test-interop`. Prints how many pass of those that gensim does not skip, by
file. The exit code is 1 if a test fails that is not in `OUT`, or if one in `OUT` passes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

# By file, each line to replace and its replacement. Helpers of gensim that are no classes of a model stay gensim's.
# test_fasttext.py imports a class of tests from gensim's own test_word2vec for one function. It takes the module
# instead, or pytest would run these tests there once more, on gensim's Word2Vec.
IMPORTS = {
    "test_keyedvectors.py": {
        "from gensim.models.keyedvectors import KeyedVectors, REAL, pseudorandom_weak_vector":
            "from gensim.models.keyedvectors import REAL, pseudorandom_weak_vector\nfrom w2v import KeyedVectors",
    },
    "test_word2vec.py": {
        "from gensim.models import word2vec, keyedvectors":
            "from w2v import keyedvectors\nfrom w2v.compat import word2vec",
    },
    "test_phrases.py": {
        "from gensim.models.phrases import Phrases, FrozenPhrases, _PhrasesTransformation":
            "from gensim.models.phrases import _PhrasesTransformation\nfrom w2v.phrases import FrozenPhrases, Phrases",
    },
    "test_fasttext.py": {
        "from gensim.models.word2vec import LineSentence": "from w2v.compat.word2vec import LineSentence",
        "from gensim.models.fasttext import FastText as FT_gensim, FastTextKeyedVectors, _unpack":
            "from gensim.models.fasttext import _unpack\n"
            "from w2v.compat.fasttext import FastText as FT_gensim, FastTextKeyedVectors",
        "from gensim.models.keyedvectors import KeyedVectors": "from w2v import KeyedVectors",
        "from gensim.test.test_word2vec import TestWord2VecModel": "from gensim.test import test_word2vec",
        "        TestWord2VecModel.model_sanity(self, model)":
            "        test_word2vec.TestWord2VecModel.model_sanity(self, model)",
    },
}

_ROUNDING = "the rows of words are computed back from their vectors, with the rounding of float32"

# Tests that do not pass, and why, by file.
OUT = {
    "test_keyedvectors.py": {},
    "test_word2vec.py": {
        "TestWord2VecModel::test_build_vocab_warning": "a list of str as corpus is an error, not a warning",
        "TestWord2VecModel::test_no_training_c_format": "vectors without counts are trained with those of the text",
        "TestWord2VecModel::test_persistence_backwards_compatible": "a str is no sentence to score: an error",
        "TestWord2VecModel::test_persistence_word2vec_format_combination_with_standard_persistence":
            "Word2Vec.load takes vectors of any format",
        "TestWord2VecModel::test_prune_vocab": "counts are exact: max_vocab_size has no effect",
        "TestWord2VecModel::test_train_with_explicit_param": "train needs neither epochs nor the size of the corpus",
        "TestWord2VecModel::test_too_short_binary_word2vec_format": "FormatError is no EOFError",
        "TestWord2VecModel::test_too_short_text_word2vec_format": "FormatError is no EOFError",
    },
    "test_phrases.py": {
        "TestFrozenPhrasesPersistence::test_save_load_custom_scorer": "a file of phrases is text, without functions",
        "TestFrozenPhrasesPersistence::test_save_load_no_scoring": "scoring is a name, not gensim's function",
        "TestFrozenPhrasesPersistence::test_save_load_string_scoring": "scoring is a name, not gensim's function",
        "TestPhrasesModel::test_export_phrases": "a phrase of an earlier pass is one word in the next",
    },
    "test_fasttext.py": {
        "SaveFacebookFormatModelTest::test_cbow": _ROUNDING, "SaveFacebookFormatModelTest::test_skipgram": _ROUNDING,
        "TestFastTextModel::test_estimate_memory": "the numbers are those of gensim's objects",
    },
}


def copy_tests(source: Path, folder: Path) -> None:
    """Copy the files of `IMPORTS` with their imports changed.

    Raises
    ------
    SystemExit : a line to replace is missing; this is another version of gensim.
    """
    for name, changes in IMPORTS.items():
        text = (source / name).read_text(encoding="utf-8")
        for old, new in changes.items():
            if text.count(f"{old}\n") != 1:
                sys.exit(f"{name} of this gensim does not have this line once: {old}")
            text = text.replace(f"{old}\n", f"{new}\n")
        (folder / name).write_text(text, encoding="utf-8")


def run_tests(folder: Path, names: list[str]) -> dict[str, dict[str, str]]:
    """Run pytest in a process of its own, and return the outcome of each test, by file and by name."""
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "--rootdir", str(folder),
               f"--junitxml={report}", "-o", "junit_family=xunit1", *(str(folder / name) for name in names)]
    subprocess.run(command, cwd=folder, check=False)
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    for case in ElementTree.parse(report).iter("testcase"):
        file, *classes = case.attrib["classname"].split(".")
        kinds = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        found[f"{file}.py"]["::".join([*classes, case.attrib["name"]])] = kinds[0] if kinds else "passed"
    return found


def unexpected(outcomes: Mapping[str, str], out: Mapping[str, str]) -> list[str]:
    """Return a line for each test whose outcome is not that of the list."""
    return [*(f"{name}: {outcome}" + (", but it is in the list of tests that do not pass" if name in out else "")
              for name, outcome in sorted(outcomes.items()) if (outcome == "passed") == (name in out)),
            *(f"{name}: in the list, but there is no such test" for name in out if name not in outcomes)]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE", help=f"of {', '.join(IMPORTS)}; all of them by default")
    chosen = parser.parse_args(arguments).files or list(IMPORTS)
    if wrong := [name for name in chosen if name not in IMPORTS]:
        parser.error(f"{wrong[0]} is none of {', '.join(IMPORTS)}")
    missing = [module for module in ("gensim", "ot", "testfixtures") if find_spec(module) is None]
    if missing:
        parser.error(f"{missing[0]} is not installed: pip install 'w2v[test-interop]'")
    spec = find_spec("gensim.test")
    assert spec is not None and spec.submodule_search_locations
    with tempfile.TemporaryDirectory() as folder:
        copy_tests(Path(spec.submodule_search_locations[0]), Path(folder))
        results = run_tests(Path(folder), chosen)
    wrong = []
    for name, outcomes in results.items():
        ran = {test: outcome for test, outcome in outcomes.items() if outcome != "skipped"}
        print(f"{name:22} {sum(outcome == 'passed' for outcome in ran.values()):3} of {len(ran)}")
        wrong += [f"{name}::{line}" for line in unexpected(ran, OUT[name])]
        if not ran:
            wrong.append(f"{name}: no test ran")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
