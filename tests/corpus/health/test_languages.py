"""Scripts and languages of words and lines."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.corpus.health.languages import (
    FUNCTION_WORDS,
    LanguageWords,
    mixes_scripts,
    names_of_function_words,
    script_counts,
    script_of,
)

SENTENCES = {
    "English": "the ship was on the sea and it is the first of them",
    "German": "das schiff ist auf der see und es wird nicht sinken",
    "French": "le bateau est dans le port et il ne part pas pour la ville",
    "Spanish": "el barco es más grande que los otros y no se hunde en el mar",
    "Italian": "il mare è una cosa che non si può dire con la voce della notte",
    "Dutch": "het schip is niet van de man maar het wordt door de zee gedragen",
    "Polish": "statek nie jest na morzu ale w porcie i to jak zawsze",
    "Russian": "корабль не был в море и это для него как дом",
    "Greek": "το πλοίο είναι στο λιμάνι και δεν θα φύγει από την πόλη",
    "Turkish": "bu gemi için çok daha büyük bir deniz ve liman var",
}


def language_of(sentences: list[str]) -> list[str]:
    words = sorted({word for sentence in sentences for word in sentence.split()})
    ids = {word: i for i, word in enumerate(words)}
    table = LanguageWords([(word, [ids[word]] if word in ids else []) for word in names_of_function_words()],
                          len(words))
    tokens = np.array([ids[word] for sentence in sentences for word in sentence.split()])
    line = np.array([i for i, sentence in enumerate(sentences) for _ in sentence.split()])
    return [table.names[i] if i >= 0 else "" for i in table.of_lines(tokens, line, len(sentences))]


def test_language_of_each_sentence_is_told():
    assert language_of(list(SENTENCES.values())) == list(SENTENCES)


def test_lines_without_function_words_have_no_language():
    assert language_of(["ship harbour wave", "the ship", "де la"]) == ["", "", ""]


def test_lists_have_no_repeated_words():
    for name, text in FUNCTION_WORDS.items():
        assert len(set(text.split())) == len(text.split()) >= 18, name


@pytest.mark.parametrize(("letter", "script"), [("a", "Latin"), ("é", "Latin"), ("ж", "Cyrillic"), ("λ", "Greek"),
                                                ("漢", "Han"), ("ひ", "Hiragana"), ("한", "Hangul"), ("ش", "Arabic"),
                                                ("ก", "Thai"), ("ａ", "Latin"), ("µ", "Greek"), ("", "none")])
def test_script_of_letters(letter, script):
    assert script_of(letter) == script


def test_scripts_are_counted_by_token():
    counts = script_counts(["word", "слово", "12", "\udce9"], np.array([3, 2, 5, 1]))
    assert counts == {"Latin": 3, "Cyrillic": 2, "none": 6}


@pytest.mark.parametrize(("word", "mixed"), [("pаypal", True), ("paypal", False), ("слово", False), ("α-helix", True),
                                             ("日本go", False)])
def test_words_of_mixed_scripts(word, mixed):
    assert mixes_scripts(word) == mixed
