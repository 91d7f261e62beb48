"""Registry of named sets: their kinds, citations, licences and addresses.

Place in the data flow: name -> `SetInfo` -> `finding`. Each address names a fixed commit, and each checksum was
computed from the file at its address. A set without an address and a checksum must be obtained by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

_SIMILARITY = ("https://raw.githubusercontent.com/mfaruqui/eval-word-vectors/"
               "94b3dd9fdbac7ed08dbee7179cd5ee464acf0594/data/word-sim/")
_BENCHMARKS = ("https://raw.githubusercontent.com/vecto-ai/word-benchmarks/"
               "222317b3369de74c97720a2fdc40afbefe0c28ed/")
_STSB = ("https://raw.githubusercontent.com/PhilipMay/stsb-multi-mt/"
         "30de0dec4ee199b7f42351d3f1a0b19592955385/data/")
_BIAS = ("https://raw.githubusercontent.com/W4ngatang/sent-bias/"
         "e3559fb669ca4832743b42fee715994c15c7f1af/tests/")
_DEBIAS = ("https://raw.githubusercontent.com/tolga-b/debiaswe/"
           "6bb03ee2a0d7214339e513ca71cd0a99069dc29c/data/")
_UNSTATED = "not stated where it is fetched from"

OTHER_KINDS = {"bias": "w2v bias --sets", "pairs": "w2v debias --pairs", "words": "w2v debias --keep"}
"""Kinds of sets that are not benchmarks, and the option that takes them."""


@dataclass(frozen=True)
class SetInfo:
    """Entry of the registry.

    Attributes
    ----------
    name : in lower case.
    kind : a key of `w2v.evaluation.kinds.KINDS`, or of OTHER_KINDS.
    citation, licence : shown when the set is fetched.
    files : names that its file or folder may have in a folder of sets, in addition to `name` with one of SUFFIXES.
    address, sha256 : https address and checksum of the file to fetch; None for a set that must be obtained by hand.
    hint : how to obtain such a set.
    """

    name: str
    kind: str
    title: str
    citation: str
    licence: str
    files: tuple[str, ...]
    address: str | None = None
    sha256: str | None = None
    hint: str = ""

    @property
    def fetchable(self) -> bool:
        """Whether `w2v datasets fetch` can fetch the set."""
        return self.address is not None and self.sha256 is not None


def _similarity(name: str, title: str, citation: str, file: str, sha256: str, *more: str,
                licence: str = _UNSTATED) -> SetInfo:
    return SetInfo(name, "similarity", title, citation, licence, (f"EN-{file}.txt", *more),
                   f"{_SIMILARITY}EN-{file}.txt", sha256)


def _weat(number: int, title: str, sha256: str) -> SetInfo:
    return SetInfo(f"weat{number}", "bias", f"WEAT {number}: {title}",
                   "Caliskan, Bryson & Narayanan 2017, Science 356(6334); files of May et al. 2019, N19-1063",
                   "CC BY-NC 4.0", (f"weat{number}.jsonl",), f"{_BIAS}weat{number}.jsonl", sha256)


def _gender(name: str, kind: str, title: str, file: str, sha256: str) -> SetInfo:
    return SetInfo(f"gender-{name}", kind, title, "Bolukbasi et al. 2016, arXiv 1607.06520", "MIT", (f"{file}.json",),
                   f"{_DEBIAS}{file}.json", sha256)


def _by_hand(name: str, kind: str, title: str, citation: str, licence: str, hint: str, *files: str) -> SetInfo:
    return SetInfo(name, kind, title, citation, licence, files, hint=hint)


_ALL = [
    SetInfo("google", "analogies", "Google analogies, 19,544 questions",
            "Mikolov, Chen, Corrado & Dean 2013, arXiv 1301.3781", "Apache-2.0",
            ("questions-words.txt", "EN-GOOGLE.txt"),
            "https://raw.githubusercontent.com/tmikolov/word2vec/20c129af10659f7c50e86e3be406df663beff438/"
            "questions-words.txt", "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36"),
    SetInfo("msr", "analogies", "Microsoft syntactic analogies, 8,000 questions",
            "Mikolov, Yih & Zweig 2013, N13-1090", _UNSTATED,
            ("EN-MSR.txt", "word_relationship.questions", "test_set/word_relationship.questions"),
            "https://raw.githubusercontent.com/zhezhaoa/ngram2vec/e57c623a5dfe5df4ea0be3f04ad52045aaa6360f/"
            "testsets/analogy/msr.txt", "6e8d8a1d83165250631e5d74689837ab11bd00b7547a1d5e7000fa8bb4e259ef"),
    _by_hand("bats", "analogies", "Bigger Analogy Test Set 3.0, 99,200 questions",
             "Gladkova, Drozd & Matsuoka 2016, N16-2002", "see its site", "a folder, from https://vecto.space/data/",
             "BATS_3.0", "BATS"),
    _by_hand("semeval2012", "degrees", "SemEval-2012 Task 2, degrees of relational similarity",
             "Jurgens, Mohammad, Turney & Holyoak 2012, S12-1047", "CC BY-SA 3.0",
             "a folder, from https://sites.google.com/site/semeval2012task2/",
             "SemEval-2012-Complete-Data-Package", "EN-SEMVAL-2012-2"),
    _by_hand("sat", "choices", "SAT analogies, 374 questions", "Turney 2006, arXiv cs/0608100", "on request",
             "a file, from its author by request", "SAT-package-V3.txt"),
    _similarity("ws353", "WordSim-353", "Finkelstein et al. 2002, ACM TOIS 20(1)", "WS-353-ALL",
                "ce12919b240af45bdf46d243601eaca2b6212b159b5e7e9b435ee7ee40c5619c", "wordsim353.tsv",
                "wordsim353/combined.tab", "wordsim353/combined.csv", "combined.tab", "combined.csv"),
    _similarity("ws353-sim", "WordSim-353, similarity", "Agirre et al. 2009, N09-1003", "WS-353-SIM",
                "f1da938998863c94e53f72f984a5c6e215f0b46c323aae8f0f4930703a339107", "ws353_similarity.txt",
                "wordsim353_sim_rel/wordsim_similarity_goldstandard.txt", "wordsim_similarity_goldstandard.txt"),
    _similarity("ws353-rel", "WordSim-353, relatedness", "Agirre et al. 2009, N09-1003", "WS-353-REL",
                "66a7c88100624d0a391605ff61ce84e11d11ee620d51ec0298da49592838f8fa", "ws353_relatedness.txt",
                "wordsim353_sim_rel/wordsim_relatedness_goldstandard.txt", "wordsim_relatedness_goldstandard.txt"),
    _similarity("simlex999", "SimLex-999", "Hill, Reichart & Korhonen 2015, J15-4004", "SIMLEX-999",
                "405394ffb7d25f6d0e3c041f87c9f27d29dc6b047506769953e85c4523b11685", "SimLex-999/SimLex-999.txt",
                "SimLex-999.txt"),
    _similarity("men", "MEN, 3,000 pairs", "Bruni, Tran & Baroni 2014, JAIR 49", "MEN-TR-3k",
                "888b13580faa362c7b11da0a670258cf1b1eb4bf0ecbcd418918729a3bd3f43a",
                "MEN/MEN_dataset_natural_form_full", "MEN_dataset_natural_form_full",
                "MEN/MEN_dataset_lemma_form_full", "MEN_dataset_lemma_form_full"),
    _similarity("rw", "Stanford rare words", "Luong, Socher & Manning 2013, W13-3512", "RW-STANFORD",
                "5108d54dfc746f44f9c3d7e31d2857c37cf71430bc1594175a61a3b89bb0ae1f", "rw/rw.txt"),
    _similarity("rg65", "RG-65", "Rubenstein & Goodenough 1965, CACM 8(10)", "RG-65",
                "c243f3a91c3f5d8cf67f21a67f6fb80bde8b6bb060851a6a48e6f2d68ec98c9f", "RG65.csv", "rg-65.csv"),
    _similarity("mc30", "MC-30", "Miller & Charles 1991, Language and Cognitive Processes 6(1)", "MC-30",
                "33ee05911496ff83d95cac351d0746c6f63b9181b605cb7d307f4daa8864511b"),
    _similarity("mturk287", "MTurk-287", "Radinsky et al. 2011, WWW", "MTurk-287",
                "a9ae3a9decb75a9700fe0cf18b048c1344774d9f40e0196baf8e34d4cd9d1ce5", "MTURK-287.csv", "Mtruk.csv"),
    _similarity("mturk771", "MTurk-771", "Halawi et al. 2012, KDD", "MTurk-771",
                "04dc297c9e86b6fa7cf8ef0e4ba2e2c8d3399ec68d92fb7a53c0b4aae27198b5", "MTURK-771.csv"),
    _similarity("simverb3500", "SimVerb-3500", "Gerz et al. 2016, D16-1235", "SimVerb-3500",
                "9d84274e7ad029fd3cf69dd0516e9ade624bbef9bd4e2050f6cc1fa01471e0f5", "SimVerb-3500/SimVerb-3500.txt",
                "SimVerb-3500.txt", "data/SimVerb-3500.txt"),
    _similarity("verb143", "Verb-143", "Baker, Reichart & Korhonen 2014, D14-1034", "VERB-143",
                "7259e19961c81912aa4c72de0102e480b2ad2bb9f4ce97d036fbde8e1a403001"),
    _similarity("yp130", "YP-130, verbs", "Yang & Powers 2006, GWC", "YP-130",
                "7643fdbc6158c3424061e2cba450c71285767266ff9f3db947bfc1f1f5ce67ab", "yp-130.csv"),
    SetInfo("semeval2017", "similarity", "SemEval-2017 Task 2, English, 500 pairs",
            "Camacho-Collados et al. 2017, S17-2002", _UNSTATED,
            ("SemEval17-Task2/test/subtask1-monolingual/data/en.test.data.txt", "en.test.data.txt"),
            f"{_BENCHMARKS}word-similarity/monolingual/en/semeval17.csv",
            "791a3755d0c7faea8bd71b3e85e709514bc56717b14e4d1d46ea41f400c39baf"),
    SetInfo("ap", "categories", "Almuhareb & Poesio, 402 concepts in 21 classes",
            "Almuhareb 2006, thesis, University of Essex", _UNSTATED, ("EN-AP.txt",),
            f"{_BENCHMARKS}word-categorization/monolingual/en/ap.csv",
            "0efdcdf298946620f4d3db17743483b45ac09169c3ef943761d52ff9a0de8974"),
    SetInfo("bless", "categories", "BLESS, 200 concepts in 17 classes", "Baroni & Lenci 2011, W11-2501",
            _UNSTATED, ("BLESS.txt",),
            "https://raw.githubusercontent.com/julieweeds/BLESS/dbae2c4e0eea4cec0e6a9fff9caff5799e4319d4/"
            "data/BLESS.txt", "6b28d1556d9cc1738472b0fb03285afcf12eea5ba09a6d5b97749e37cc54f57e"),
    SetInfo("battig", "categories", "Battig & Montague norms, 5,231 words in 56 classes",
            "Battig & Montague 1969, Journal of Experimental Psychology 80(3)", _UNSTATED, ("EN-BATTIG.txt",),
            f"{_BENCHMARKS}word-categorization/monolingual/en/battig.csv",
            "b7146cac221664de3781d47b8463c4e50841a138be26ff96f2d4aa4110126898"),
    _by_hand("esslli-1a", "categories", "ESSLLI 2008, concrete nouns", "Baroni, Evert & Lenci 2008, ESSLLI workshop",
             "not stated", "a file of words and classes", "EN-ESSLI-1a.txt"),
    _by_hand("esslli-2b", "categories", "ESSLLI 2008, abstract and concrete nouns",
             "Baroni, Evert & Lenci 2008, ESSLLI workshop", "not stated", "a file of words and classes",
             "EN-ESSLI-2b.txt"),
    SetInfo("esslli-2c", "categories", "ESSLLI 2008, 45 verbs in 9 classes",
            "Baroni, Evert & Lenci 2008, ESSLLI workshop", _UNSTATED, ("EN-ESSLI-2c.txt",),
            "https://raw.githubusercontent.com/vecto-ai/vecto/825c4fd29f490a757078e4d89d68c3b111e58d10/tests/data/"
            "benchmarks/categorization/essli-2008.csv",
            "b41a8437ea6165bb3f96751f1fb51b4be5a200c02cf28ae7ca7b42ddc631c320"),
    SetInfo("8-8-8", "outliers", "8-8-8 outlier detection, 8 groups", "Camacho-Collados & Navigli 2016, W16-2508",
            _UNSTATED, ("8-8-8_Dataset", "8-8-8"), f"{_BENCHMARKS}outlier-detection/monolingual/en/8-8-8.csv",
            "c3b02e9323cbf0a31a30e9ef35be87c687f75f671939f46a84fc74745c96cb35"),
    SetInfo("wikisem500", "outliers", "WikiSem500, English", "Blair, Merhav & Barry 2016, arXiv 1611.01547",
            _UNSTATED, ("wiki-sem-500-tokenized.tar.gz", "wiki-sem-500-tokenized", "wiki-sem-500"),
            "https://raw.githubusercontent.com/peblair/wiki-sem-500/25f5e2ae50abf9bb61c49f356256d36835de5c4c/"
            "wiki-sem-500-tokenized.tar.gz", "40fa5515dfb7a8517c2c452df9cbc9a5f257fe624746946ce0d6ab642ea511fb"),
    SetInfo("stsb", "sentences", "STS benchmark, test, 1,379 pairs", "Cer et al. 2017, S17-2001",
            "scores CC BY-SA 4.0; texts by their sources, see LICENSE where it is fetched from",
            ("stsbenchmark/sts-test.csv", "sts-test.csv", "stsb-en-test.csv"),
            f"{_STSB}stsb-en-test.csv", "11523b625219e94e9ca05d2816b5f02cac1614c5894fe657376fa0806378d053"),
    SetInfo("stsb-dev", "sentences", "STS benchmark, dev, 1,500 pairs", "Cer et al. 2017, S17-2001",
            "scores CC BY-SA 4.0; texts by their sources, see LICENSE where it is fetched from",
            ("stsbenchmark/sts-dev.csv", "sts-dev.csv", "stsb-en-dev.csv"),
            f"{_STSB}stsb-en-dev.csv", "d29586e96558c4eb52cf5ea5d14e9c24d3bf0e44f111b017caba43a5adc33226"),
    SetInfo("sick", "sentences", "SICK, test, 4,927 pairs", "Marelli et al. 2014, L14-1314", "CC BY-NC-SA 3.0",
            ("SICK/SICK_test_annotated.txt", "SICK_test_annotated.txt"),
            "https://raw.githubusercontent.com/brmson/dataset-sts/e1d3375f5b3bc24f21aa4e46f96eb379e9fc1081/"
            "data/sts/sick2014/SICK_test_annotated.txt",
            "2b8aa806658d6fc23c6824c83776c2d4fee7556000817b5ec0f982861413b7d0"),
    _weat(1, "flowers and insects, pleasant and unpleasant",
          "c12c192a4b8011590cfe7de237cb2e0dbcd0e7328e3b7baf63869ccfd61bc0ea"),
    _weat(2, "instruments and weapons, pleasant and unpleasant",
          "d907a10b5a84a72f4e60bf069562565aa88b0e0c84e26adb38a75536718e25b9"),
    _weat(3, "European and African American names, pleasant and unpleasant",
          "99e5fdbfe3749608afb803eb55d1fb291f81399862ba4cc2b21461ae82215bf7"),
    _weat(4, "the same with names of Bertrand and Mullainathan",
          "c0d0c606d20a0ccb8759dcbddaea1b692a860e9dbeea2ccdcade3e3c25868dbb"),
    _weat(5, "the same with fewer attributes",
          "7e1ac48a1c8b549200ce5e4c9ed7fd6f0c2c766485d04e73adee05358a9b3224"),
    _weat(6, "male and female names, career and family",
          "21681d3f4d7fdf97cf4cd2c0f9160940cfbd797ec62c7621b5600dc9e6e5b248"),
    _weat(7, "mathematics and arts, male and female terms",
          "c7e68ec95e30f42df3faa9e1ba933596c9e49651e0017bb90c19d0f58312f2b0"),
    _weat(8, "science and arts, male and female terms",
          "86e650b44e8fd539a9082564f5ede5dae2ed67d120938b9c92a7495f143801e9"),
    _weat(9, "mental and physical disease, temporary and permanent",
          "e4c9ab7cd719dcc05a2bd86c390de31ae2778db3c362b360206c0491751fe9f7"),
    _weat(10, "young and old people's names, pleasant and unpleasant",
          "4878efc95d1bbb9c482fc90a5c2c379f9b5a990c7ea9e61f13611fff355a23bc"),
    _gender("pairs", "pairs", "10 pairs that define a direction of gender", "definitional_pairs",
            "f2387fdd4ae4d956083ee7594f1401b1ba112914d40a99bb61d481de73db9614"),
    _gender("equalize", "pairs", "52 pairs to equalize", "equalize_pairs",
            "b6e7dda64461e7828f8d184a51216a87aefcfc2b726d3691aa15b7acc2a1994c"),
    _gender("specific", "words", "1,441 words to keep, which are about gender", "gender_specific_full",
            "300068da1885e9dc8bf2235d987fd0cf5d0b08a6877a0a639ee0060a989bac1f"),
]

SETS = {info.name: info for info in _ALL}
STANDARD = tuple(name for name, info in SETS.items() if info.kind not in OTHER_KINDS)  # the suite "standard"
SUFFIXES = ("", ".txt", ".tsv", ".csv", ".tar.gz")  # of files named after their set
