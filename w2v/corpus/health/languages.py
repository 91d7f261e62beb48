"""Scripts and languages of a text, from its letters and its most frequent words.

Place in the data flow: words and lines of a sample -> shares of scripts and languages.

Scripts are those of Unicode. Languages that share a script are told apart by function words, which make up a third or
more of any running text (Grefenstette 1995, Comparing two language identification schemes). This is enough to see that
a corpus mixes languages, but not to label single lines.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

FUNCTION_WORDS = {
    "English": "the of and to in is that for it was with as on be by are this from at or an have not which",
    "German": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden",
    "French": "de la le et les des en un du une que est pour qui dans par sur au pas plus ne se ce il",
    "Spanish": "de la que el en y los se del las un por con una para es su al lo como más o pero sus",
    "Portuguese": "de que e o da em um para com não uma os no se na por mais as dos como mas ao das foi",
    "Italian": "di e il la che in per un del è una della con da non si dei sono al le come più nel alla",
    "Dutch": "de het van een en in is op dat te met voor zijn die niet aan er om ook als door bij naar wordt",
    "Swedish": "och i att det en som på är av för med till den har inte ett om de kan från var sig vid så",
    "Danish": "og i at det en den til er som på de med han af for ikke der var et har fra blev ved efter",
    "Norwegian": "og i det er på som en til å av for at med den ikke har de et fra om ble etter ved også",
    "Polish": "w i na z się do nie że jest to o jak za od po przez dla są oraz ale był jego tym jako",
    "Czech": "a v se na je že s z do o i to jako k za by od pro který jsou ale po byl jeho",
    "Romanian": "de și în a la cu din pe care un o nu este mai pentru că sa au fost prin se al ca lui",
    "Hungarian": "a az és hogy is egy nem van volt meg mint csak ez de ha már el azt között után vagy ki be még",
    "Finnish": "ja on ei se että oli hän ovat kun niin mutta tai myös sen joka mukaan ole vuonna kanssa hänen jonka",
    "Turkish": "ve bir bu da için ile de olarak daha çok olan gibi ne en kadar sonra göre ise var olduğu",
    "Indonesian": "yang dan di dengan untuk dari pada dalam ini itu tidak adalah oleh ke akan sebagai juga atau",
    "Vietnamese": "và của là các trong được có cho người một với không những khi này đã đến từ năm ở",
    "Russian": "и в не на что с по как это из от к для был его за у о же бы то так или но",
    "Ukrainian": "і в на що не з до та як а за від це про його для є або був який у також після",
    "Bulgarian": "на и да се за от в е с не са по като че това си през ще до който има при след",
    "Greek": "και το του η της να με για την που από τα στο είναι οι σε τον των δεν θα ότι ένα",
}

_NAMES = {"CJK": "Han", "FULLWIDTH": "Latin", "HALFWIDTH": "Katakana", "MICRO": "Greek", "MODIFIER": "none",
          "MATHEMATICAL": "Latin", "UNKNOWN": "none", "FEMININE": "Latin", "MASCULINE": "Latin", "SCRIPT": "Latin",
          "DOUBLE-STRUCK": "Latin"}
"""Scripts by the first word of the name of a character, where that is not the script itself."""

FEWEST_HITS = 2  # function words of a line by which its language is recognised
_MOST_SHOWN = 8


def script_counts(words: Sequence[str], counts: NDArray[np.int64]) -> Counter[str]:
    """Return the number of tokens whose first letter is of each script; "none" for words without letters."""
    found: Counter[str] = Counter()
    scripts: dict[str, str] = {}
    for word, count in zip(words, counts.tolist(), strict=True):
        letter = next(filter(str.isalpha, word), "")
        if (script := scripts.get(letter)) is None:
            script = scripts[letter] = script_of(letter)
        found[script] += count
    return found


def mixes_scripts(word: str) -> bool:
    """Return whether a word has letters of Latin together with Cyrillic or Greek, which often look the same."""
    scripts = {script_of(letter) for letter in word if letter.isalpha()}
    return "Latin" in scripts and bool(scripts & {"Cyrillic", "Greek"})


def script_of(letter: str) -> str:
    """Return the script of a letter, such as "Latin"; "none" for no letter."""
    if not letter:
        return "none"
    first = unicodedata.name(letter, "UNKNOWN").split()[0]
    return _NAMES.get(first, first.capitalize())


class LanguageWords:
    """Ids of function words, and the languages that have them.

    Parameters
    ----------
    find : returns the id of a word, -1 for an unknown one.
    n_words : number of ids.
    """

    names: list[str]

    def __init__(self, find: Iterable[tuple[str, Sequence[int]]], n_words: int) -> None:
        self.names = list(FUNCTION_WORDS)
        pairs = [(word, self.names.index(name)) for name, text in FUNCTION_WORDS.items() for word in text.split()]
        ids_of = dict(find)
        entries = sorted((id, language) for word, language in pairs for id in ids_of.get(word, ()))
        self._languages = np.array([language for _, language in entries], dtype=np.int64)
        ids = np.array([id for id, _ in entries], dtype=np.int64)
        self._start = np.searchsorted(ids, np.arange(n_words + 1))

    def of_lines(self, ids: NDArray[np.int64], line: NDArray[np.int64], n_lines: int) -> NDArray[np.int64]:
        """Return (n_lines,) the language of each line, the one with most function words; -1 for a tie or too few.

        Parameters
        ----------
        ids, line : id and line of each token.
        """
        sizes = (self._start[1:] - self._start[:-1])[ids]
        hits = np.flatnonzero(sizes)
        repeats = sizes[hits]
        begin = np.repeat(self._start[ids[hits]], repeats)
        within = np.arange(len(begin)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        key = np.repeat(line[hits], repeats) * len(self.names) + self._languages[begin + within]
        scores = np.bincount(key, minlength=n_lines * len(self.names)).reshape(n_lines, len(self.names))
        ordered = np.sort(scores, axis=1)
        known = (ordered[:, -1] >= FEWEST_HITS) & (ordered[:, -1] > ordered[:, -2])
        return np.where(known, scores.argmax(axis=1), -1)


def names_of_function_words() -> list[str]:
    """Return the function words of all languages, each once."""
    return sorted({word for text in FUNCTION_WORDS.values() for word in text.split()})


def shown_shares(counts: Counter[str]) -> str:
    """Return the largest shares as text, those of 0.1 % and more: "Latin 97.1 %, Cyrillic 2.2 %"."""
    total = sum(counts.values())
    largest = counts.most_common(_MOST_SHOWN)
    return ", ".join(f"{name} {100 * n / total:.1f} %" for name, n in largest if n >= total / 1000) or "-"
