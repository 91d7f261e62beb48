"""`w2v.train`: from a corpus to a trained model.

Place in the data flow: arguments -> `w2v.training.request` (checks) -> corpus read and encoded (`w2v.corpus`, joined by
`w2v.phrases`) -> `w2v.training.trainer` -> `Model`.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Unpack

from w2v.config import TrainConfig, TrainOptions, with_options
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus, EncodedText
from w2v.corpus.fresh import Fresh, FreshText, corpus_of
from w2v.corpus.id_store import IdsDoNotFit
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus.reread import encode_again
from w2v.corpus_options import CORPUS_OPTIONS
from w2v.errors import CorpusError
from w2v.formats.keys import Key, asked_words
from w2v.graphs.walks import walk_text
from w2v.keyedvectors import KeyedVectors
from w2v.phrases import FrozenPhrases, encode_joined, load_phrases
from w2v.system.checksums import FileChecksum, FileState, file_checksums
from w2v.system.display import reading
from w2v.system.jsonlog import JsonLog
from w2v.system.log import info
from w2v.training.checkpoint import Checkpoint
from w2v.training.held_out import lines as held_out_lines
from w2v.training.initial import HasInitial
from w2v.training.model import Model
from w2v.training.needs import MEMORY_SHARE, Output, check_early
from w2v.training.observers.intervals import OnInterval, Watch
from w2v.training.request import RunRequest
from w2v.training.resolved import ResolvedRun
from w2v.training.rounds import dask_engine
from w2v.training.rounds.engine import RemoteEngine
from w2v.training.rounds.reading import worker_passes
from w2v.training.status import OnEpochEnd
from w2v.training.trainer import train_encoded
from w2v.types import StrPath
from w2v.walk_options import WALK_OPTIONS, GraphLike

MOST_CHECKSUMS = 10_000  # files whose checksums the model card has: 1 MB of text


@with_options
def train(
    corpus: Corpus | None = None,
    *,
    threads: int | str | None = None,
    isa: str | None = None,
    progress: bool = True,
    config: TrainConfig | None = None,
    on_epoch_end: OnEpochEnd | None = None,
    on_interval: OnInterval | None = None,
    log_every: str | float | None = None,
    log_json: StrPath | JsonLog | None = None,
    probe: Key | Sequence[Key] = (),
    checkpoint: StrPath | None = None,
    checkpoint_every: str | float | None = None,
    checkpoint_notes: Mapping[str, object] | None = None,
    resume: StrPath | Checkpoint | None = None,
    init: StrPath | KeyedVectors | HasInitial | None = None,
    freeze: str | None = None,
    anchor: float = 0.0,
    preset: str | None = None,
    phrases: FrozenPhrases | StrPath | None = None,
    ids: str | None = None,
    fresh: Fresh | None = None,
    engine: object = None,
    scheduler: str | None = None,
    output: Output | None = None,
    graph: GraphLike | None = None,
    **options: Unpack[TrainOptions],
) -> Model:
    """Train word vectors: skip-gram or CBOW, with negative sampling or hierarchical softmax (Mikolov et al. 2013).

    Ranges include both ends. All options are checked before the corpus is read.

    Parameters
    ----------
    corpus : a file, a folder or a glob; "-" for standard input; a list of these; an iterable of sentences, each a list
        of str or of integers, or, with tokenize "words" or a tokenizer, of texts (str), whose line ends end sentences;
        or an array of integers in which a negative number ends a sentence. Files are text, one sentence per line, with
        words separated by ASCII white space, or .npy arrays of integers; they may be compressed (gzip, bzip2, xz,
        zstd), in `.zip` or `.tar` archives, or at addresses, with `download`. With `column`, tables in files or in
        memory. The corpus is read once, so a generator is enough, except where `ids` says otherwise. None only with
        `resume` or `fresh`.
    threads : number of threads, 1 to 1024, or "auto" (default): as many as the process may use.
    isa : instruction set to use instead of the best one of this machine, one of `w2v.available_isas()`.
    progress : show the progress on stderr: a bar in a terminal, otherwise a line every 30 seconds.
    config : all hyper-parameters at once, instead of `options`.
    on_epoch_end : function of a `ModelView` and `EpochStats`, called at the end of each epoch on the calling thread
        while training continues. If epochs end during a call, only the last of them is reported. A returned str is
        shown. Raise `StopTraining` in it to end the run early with the model so far; other exceptions reach the caller.
    on_interval : the same with a `ModelView` and `IntervalStats`, called at intervals and at the end.
    log_every : length of the intervals: "30s", "10m", "2h", "5%" of the words, or a number of seconds. Default: the
        longer of 10 seconds and 1 % of the words, but at most 20 % of the words. Intervals become longer if reporting
        takes more than 5 % of the time.
    log_json : file that receives one line of JSON at the start, at each interval, and at the end, at an error, or when
        a signal ends the run. Lines are appended if the file exists.
    probe : word or integer, or a list of them, whose nearest neighbours among the 50,000 most frequent words are shown
        at each interval.
    checkpoint : file to which the state of the run is written, atomically, every `checkpoint_every`. On the main
        thread, the first Ctrl-C or SIGTERM writes it too before it takes effect; a second one takes effect at once. A
        run that diverges restarts from it once, with half the learning rate. The file stays when the run is done.
    checkpoint_every : "90s", "10m" (default), "2h", "5%" of the words, or a number of seconds.
    checkpoint_notes : plain values to store in the checkpoint, which JSON can hold.
    resume : checkpoint to continue from. Hyper-parameters are those of the checkpoint; the corpus (if it was in files),
        the number of threads, the checkpoint file and its interval are too, unless they are given. With one thread the
        result is identical to that of an uninterrupted run.
    init : vectors to start from: a file that `w2v.load` reads, `KeyedVectors`, or a model. Their words keep their
        vectors as initial values and stay in the vocabulary even if they are rare; new words are added.
        `vector_size` is theirs.
    freeze : "old" keeps the vectors of the words of `init` unchanged.
    anchor : pull these vectors back, 0 (default) to 1 / alpha: each time such a word occurs in the corpus, its vector
        moves by learning rate * anchor of the way to its initial value.
    preset : "best" for the best vectors, in about 10 times the time of the defaults, "fast" for those of the defaults
        in about half the time; or the defaults of "word2vec" (word2vec.c), "gensim" or "fasttext". Explicit options
        override them.
    phrases : phrase model (`w2v.Phrases`) or its file; phrases are joined into single words before `min_count` applies.
    ids : where the encoded text is kept, 4 bytes a word: "memory"; "disk", in a temporary file; or "none": the text is
        not kept, but read and tokenized twice before training and again in each epoch, so it must be in files, an array
        or a list, and must not change. The vectors are the same. "auto" (default) takes the first of these that has
        room: half of the free memory, then the disk of TMPDIR. With a cluster as `engine`, "none" and "auto" let its
        workers read plain files that all of them have at the same path.
    fresh : function that returns the corpus of an epoch, instead of `corpus`: new random walks, or new samples, each
        time. It is called with the number of the epoch, from 0, if it has a parameter. The vocabulary is that of epoch
        0; words that are not in it are unknown. The next epoch is made in a thread while one is trained. The learning
        rate falls as if all epochs had as many words as the first. A resumed run calls it for epoch 0 and from the
        epoch of the checkpoint on.
    engine : where the run is trained: "threads" (default), of this process; "dask", on the processes of a cluster of
        Dask (the extra w2v[dask]); or a `distributed.Client`. With Dask the run is trained in rounds, and each shard by
        all threads of a worker; or with `reproducible` by one thread: then the vectors are those of the same run in
        this process. The processes of a cluster on this machine, which is started without `scheduler` or a client,
        import the main module of the program: its work must be below `if __name__ == "__main__"`.
    scheduler : with engine "dask", address of the scheduler, such as "tcp://10.0.0.1:8786"; None (default) for a
        cluster on this machine of `threads` processes.
    output : where the vectors will be written (`w2v.training.needs.Output`), if that is known: the run is refused if
        the disk is too small.
    graph : train on random walks over a graph, instead of `corpus`: a path or paths of lists of edges (text, CSV, TSV,
        Matrix Market, Parquet, Arrow, `.npz` of SciPy, `.npy`, GraphML), a graph of networkx, igraph or PyTorch
        Geometric, a sparse matrix, an array of pairs of integers, a table, or an iterable of edges. A line or edge has
        two nodes and perhaps a weight. Every node has a vector; walks are made anew in each epoch and not stored.
    vector_size : dimensions of a word vector, 1 to 65536 (default 100).
    window : largest distance between a context word and the centre word, 1 to 10000 (default 5); a pair (left, right)
        for different distances on the two sides; "line" for all words of the line.
    line_contexts : with window "line", contexts of each word of a line of more than `line_contexts` + 1 words, drawn at
        random from its line, 1 to 10000 (default None: all words of the line). With it the cost of a line grows with
        its length instead of the square of its length, and so does its weight against other lines.
    negative : noise words for each window, 0 to 1000 (default 5); 0 only with `hs`.
    hs : train with hierarchical softmax (default False): alone if `negative` is 0, otherwise together with negative
        sampling.
    sample : subsampling threshold for frequent words, as a share of the corpus, 0 to 1 (default 1e-3). A word with a
        share f of the corpus is kept with probability min(1, sqrt(sample / f) + sample / f); 0 keeps all words.
    min_count : leave out words that occur fewer times (default 5); 0 means 1.
    max_vocab : keep at most this many words, the most frequent ones (default None: all).
    epochs : passes over the corpus, 1 to 1,000,000 (default 5).
    alpha : initial learning rate, 1e-9 to 10. Default 0.025; for CBOW with the mean 0.2, or 0.05 with `hs` or
        `cbow_undivided`.
    min_alpha : final learning rate, 0 to `alpha` (default 1e-4); the rate falls linearly with the words read.
    weight_decay : each time a word is a centre, its input and its output vector shrink by learning rate *
        `weight_decay`, 0 to 1 / `alpha` (default 0). It keeps the vectors of rare words good over many epochs, for
        which 0.03 to 0.06 is a good value (Krogh & Hertz 1992; decoupled from the gradient as in Loshchilov & Hutter
        2019). Only with negative sampling of whole words.
    ns_exponent : noise words are drawn in proportion to count ** ns_exponent, -4 to 4 (default 0.75).
    sg : True (default) for skip-gram, False for CBOW.
    cbow_mean : CBOW takes the mean of the context vectors (default True) or their sum.
    cbow_undivided : CBOW with the mean adds the whole error to each context vector, as word2vec.c, gensim and fastText
        do; otherwise (default) each gets its share, which is the gradient.
    minn, maxn : shortest and longest character n-gram that word vectors are built from, 0 to 1000; `maxn` 0 (default)
        for whole words only.
    bucket : number of n-gram vectors, 1 to 2**31 - 1 (default 2,000,000); n-grams are assigned to them by hash.
    add_outputs : at the end, add this share of each word's output vector to its vector, 0 to 1 (default 0; Levy et
        al. 2015, section 3.3). Words that occur together become more similar. Only with negative sampling of whole
        words.
    center : at the end, subtract the mean of all vectors (default False; Mu & Viswanath 2018), not with n-grams.
    shrink_windows : draw the size of each window from 1 to `window` (default True); not with window "line".
    harmonic_windows : draw small windows more often, so that a word at distance d counts 1 / d, as in GloVe
        (Pennington et al. 2014; default False: 1 - (d - 1) / window).
    line_weights : each line starts with a number of 0 or more that multiplies its learning rate (default False).
    shared_windows : neighbouring windows that share their size and noise words, 1 or 2 (default); with 2 a fifth more
        noise words are drawn (6 for 5).
    shared_contexts : contexts of a step, at most, whose changes of an output vector are added up before it changes, 1
        to 12 (default 12; with `graph` 2). Fewer take longer, and are better where the same words occur together
        again and again, as in walks over a graph. Only with skip-gram.
    private_rows : number of the most frequent words of which each thread keeps a copy, merged often, 0 to 65536;
        default None: it depends on the threads and the corpus.
    reproducible : train in rounds, so that the result has the same bytes with any number of threads, after a
        resumption, and on other machines with the same instruction set (default False). Not with `hs` or n-grams.
    distributed : set by `engine` where the run is not `reproducible`.
    shards : with `reproducible` or a cluster as `engine`, parts of the text that are trained at the same time, 1 to
        1024. Default 16; on a cluster without `reproducible` one for each worker. More threads, or workers, than shards
        are of no use.
    rounds : with these too, how often the changes of all shards are merged in the whole run, 1 to 1,000,000 (default
        50).
    held_out : number of lines to leave out of training, or the path of another text, on which the loss is reported
        (default 0).
    seed : seed of all random numbers, 0 to 2**64 - 1 (default 1). With one thread and one instruction set, equal seeds
        give equal vectors.
    lowercase : convert words to lower case by the simple case folding of Unicode (default False).
    tokenize : "whitespace" (default), or "words": runs of letters, marks and digits between the word boundaries of
        Unicode (UAX 29), without punctuation.
    keep_punctuation : with tokenize "words", each punctuation character or symbol is a word of its own (default False).
    normalize : "nfc" or "nfkc", the normalization forms of Unicode (UAX 15); None (default) changes nothing.
    unicode_spaces : white space of Unicode, such as the no-break space, separates words, and CR alone ends lines
        (default False; always so with tokenize "words").
    split_lines_at : "sentences" ends a line at the end of each sentence too (UAX 29); None (default) does not.
    stop_words : words that are left out, or a file of them; compared after all other steps.
    tokenizer : function that returns the words of a line, instead of `tokenize`, for languages without blanks; or an
        object with `encode_batch` (a tokenizer of Hugging Face) or `tokenize`. The threads that read call it.
    column : column of a table (Parquet, Arrow, CSV, JSON lines, data frame) with the text, or with lists of words.
    group_by, order_by : columns of a table: rows with equal values of `group_by` are one line, in the order of
        `order_by`.
    download : read addresses on the network (default False).
    max_words : stop reading after this many words (default None: read all).
    sample_lines : read this share of the lines, above 0 and at most 1, drawn over the whole corpus (default None: all).
    bootstrap : read a bootstrap sample of the lines (default False): each a Poisson(1) number of times, by `seed`, as
        if as many lines as there are were drawn with replacement. Not with `max_words`.
    walks : with `graph`, walks from each node in each epoch, 1 to 1,000,000 (default 10).
    walk_length : nodes of a walk, 2 to 1,000,000 (default 80).
    p, q : return and in-out parameter of node2vec, 0.001 to 1000 (default 1: DeepWalk); a step back has the weight
        1 / p, one to a node that is no neighbour of the node before 1 / q (Grover & Leskovec 2016).
    directed : whether edges lead one way only; None (default): as the graph says, and both ways for lists of edges.
    unweighted : ignore the weights of edges (default False).
    drop_isolated : leave nodes without edges out, instead of giving them a vector (default False).
    metapath : types of nodes that walks follow again and again, such as "author,paper,author" (Dong et al. 2017).
    node_types : with `metapath`, a file with a node and its type on each line, or a mapping.

    Returns
    -------
    The trained model: vectors in `wv` (`KeyedVectors`), the output matrix, `config`, and `report` (`TrainReport`).

    Raises
    ------
    ValueError, TypeError : an option or the kind of corpus is wrong; names the parameter.
    W2VError : the corpus cannot be read, has nothing to train on, or lacks a probe word; training diverged; or memory
        or disk space do not suffice, which is found out before any long work (`w2v.training.needs`).

    Examples
    --------
    >>> import w2v
    >>> sentences = [["the", "river", "runs"], ["the", "stream", "runs"]] * 100
    >>> model = w2v.train(sentences, vector_size=16, min_count=1, threads=1, progress=False)
    >>> model.wv["river"].shape
    (16,)
    >>> model.report.vocabulary
    4

    From files, with a checkpoint every ten minutes from which an interrupted run continues:

    >>> w2v.train("corpus/*.txt.gz", epochs=10, checkpoint="run.w2v").save("vectors.bin")  # doctest: +SKIP
    >>> w2v.train(resume="run.w2v").save("vectors.bin")  # doctest: +SKIP
    """
    run = RunRequest(
        corpus=input_of(corpus, graph, options, resume is not None), options=options, config=config,
        preset=preset, threads=threads, isa=isa, progress=progress, on_epoch_end=on_epoch_end, on_interval=on_interval,
        log_every=log_every, log_json=log_json, probe=asked_words(probe),
        checkpoint=checkpoint, checkpoint_every=checkpoint_every, checkpoint_notes=checkpoint_notes or {},
        resume=resume, init=init, freeze=freeze, anchor=anchor, phrases=phrases, ids=ids, fresh=fresh,
        engine=engine, scheduler=scheduler, output=output,
    ).resolve().prepare()
    with run.log() as log:
        model = train_resolved(run, log)
        if log is not None and log.problem is not None and log is not log_json:
            warnings.warn(log.problem, RuntimeWarning, stacklevel=2)
    return model


def input_of(corpus: Corpus | None, graph: GraphLike | None, options: Mapping[str, Any],
             resumed: bool = False) -> CorpusInput | None:
    """Return the corpus or the graph; None if neither was given.

    Raises
    ------
    TypeError : both were given, or options of a graph without one.
    """
    if graph is not None:
        if corpus is not None:
            raise TypeError("pass either corpus or graph, not both")
        return CorpusInput.of_graph(graph, {name: options[name] for name in (*CORPUS_OPTIONS, *WALK_OPTIONS)
                                            if name in options})
    if not resumed and (given := [name for name in WALK_OPTIONS if name in options]):
        raise TypeError(f"{given[0]} is an option of walks over a graph: pass graph=")
    return None if corpus is None else CorpusInput.of(corpus, options)


@dataclass(frozen=True)
class ReadCorpus:
    """Corpus of a run, read and encoded.

    Attributes
    ----------
    encoded, held_out : the text to train on, and a separate text to hold out.
    seconds : time of reading.
    checksums : returns those of the files of the corpus.
    """

    encoded: EncodedText
    held_out: held_out_lines.HeldOutText | None
    seconds: float
    checksums: Callable[[], list[FileChecksum]]


def train_resolved(run: ResolvedRun, log: JsonLog | None) -> Model:
    """Read the corpus of a prepared run and train on it.

    Parameters
    ----------
    run : see `ResolvedRun.prepare`.
    log : receives the events of the run, an error too.

    Raises
    ------
    W2VError : as for `train`.
    """
    with end_logged(log), opened_engine(run) as engine, read_corpus(run, engine) as text:
        return train_on(run, text, log, engine)


@contextmanager
def opened_engine(run: ResolvedRun) -> Iterator[RemoteEngine | None]:
    """Open the engine of a run, with its workers checked; None if that is this process.

    Raises
    ------
    W2VError : it is not installed, cannot be reached, or has a worker that cannot work on the run.
    """
    if run.in_process:
        yield None
        return
    with dask_engine.opened(run.request.engine, run.request.scheduler, run.threads, run.isa) as engine:
        yield engine


@contextmanager
def read_corpus(run: ResolvedRun, engine: RemoteEngine | None = None) -> Iterator[ReadCorpus]:
    """Read and encode the corpus of a prepared run, with its engine; it is closed at the end of the block."""
    request, config, threads, progress = run.request, run.config, run.threads, run.request.progress
    places = check_early(run.corpus, config, threads if run.in_process else 0, run.output, run.places, run.processes)
    phrases = None if request.phrases is None else load_phrases(request.phrases)
    held_out = held_out_lines.read_text(run.corpus, config, phrases, threads=threads, progress=progress)
    if held_out is not None and run.saved is not None:
        run.saved.check_held_out(held_out.path, held_out.sha256)
    start = time.perf_counter()
    files = _files(run.corpus)
    encoded = _read(run, phrases, places, engine)
    seconds = time.perf_counter() - start
    # The checksums begin after the text was read, so that reading is not slower.
    with closing(encoded), file_checksums(files) as checksums:
        yield ReadCorpus(encoded, held_out, seconds, checksums.result)


def train_on(run: ResolvedRun, text: ReadCorpus, log: JsonLog | None, engine: RemoteEngine | None) -> Model:
    """Train a prepared run on its corpus, with the engine from `opened_engine`."""
    run = run if engine is None else run.with_workers(engine.workers)
    request = run.request
    watch = Watch(run.log_every, request.probe, log, request.on_interval)
    return train_encoded(text.encoded, run.config, threads=run.threads, isa=run.isa, progress=request.progress,
                         watch=watch, on_epoch_end=request.on_epoch_end, checkpoints=run.schedule, initial=run.initial,
                         output=run.output, held_out=text.held_out, seconds_vocabulary=text.seconds,
                         file_checksums=text.checksums, engine=engine, processes=run.processes)


@contextmanager
def end_logged(log: JsonLog | None) -> Iterator[None]:
    """Write the error that ends a run into its log."""
    try:
        yield
    except BaseException as error:
        if log is not None:
            _log_end(log, error)
        raise


def _log_end(log: JsonLog, error: BaseException) -> None:
    """Write the event that ended a run: "interrupted" by Ctrl-C, "terminated" by SIGTERM, or "error"."""
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        event = "interrupted" if isinstance(error, KeyboardInterrupt) else "terminated"
        log.write(event, notes=list(getattr(error, "__notes__", [])))
    else:
        log.write("error", error=str(error) or type(error).__name__)


def _files(corpus: CorpusInput) -> list[FileState]:
    """Return the regular files of the corpus as they are before it is read; none if there are very many."""
    if corpus.paths is None or len(corpus.files) > MOST_CHECKSUMS:
        return []
    return [state for path in corpus.files if (state := FileState.of(path)) is not None]


def _read(run: ResolvedRun, phrases: FrozenPhrases | None, places: Sequence[str],
          engine: RemoteEngine | None) -> EncodedText:
    """Read and encode the corpus; its ids go to the first of the places that has room. Workers that can read the text
    do so, unless `ids` says that it is stored here.

    Raises
    ------
    W2VError : no place has room; or as for `w2v.corpus.encode.encode`.
    """
    config = run.config
    if run.corpus.walking is not None:
        with reading(run.request.progress, "reading edges") as show:
            text = walk_text(run.corpus, seed=config.seed, threads=run.threads, progress=show,
                             known=() if run.initial is None else run.initial.words)
        if len(text.vocabulary) < 2:
            raise CorpusError(f"{run.corpus.name}: the graph has only one node, and nothing can be learned from it")
        return text
    encoded: EncodedText | None = None
    known = () if run.initial is None else run.initial.words
    passes = None
    if engine is not None and places[-1] == "none":
        passes = worker_passes(engine, run.corpus, config.line_weights)
    if passes is None and places[0] != "none":
        share = {"disk": 0.0, "memory": MEMORY_SHARE if len(places) > 1 else 1.0}[places[0]]
        try:
            with reading(run.request.progress) as show:
                encoded = encode_joined(run.corpus, phrases, min_count=config.min_count, max_vocab=config.max_vocab,
                                        known=known, line_weights=config.line_weights, threads=run.threads,
                                        progress=show, memory_share=share, spool="disk" in places,
                                        shared=not run.in_process and run.request.fresh is None)
        except IdsDoNotFit as error:
            if places[-1] != "none":
                raise
            info(f"{error}; the text is read again, and its ids are not stored")
    if encoded is None:
        with reading(run.request.progress, "reading twice") as show:
            encoded = encode_again(run.corpus, min_count=config.min_count, max_vocab=config.max_vocab, known=known,
                                   line_weights=config.line_weights, threads=run.threads, progress=show,
                                   passes=passes)
    encoded.vocabulary.integer_keys |= run.initial is not None and run.initial.old.integer_keys
    if run.request.fresh is not None and isinstance(encoded, EncodedCorpus):
        return _fresh(run, run.request.fresh, encoded)
    return encoded


def _fresh(run: ResolvedRun, fresh: Fresh, first: EncodedCorpus) -> FreshText:
    """Return the texts of all epochs, with the vocabulary of the first."""
    options = {**vars(run.corpus.text), **vars(run.corpus.reading)}

    def make(epoch: int) -> EncodedCorpus:
        corpus = replace(CorpusInput.of(corpus_of(fresh, epoch), options), seed=(run.config.seed + epoch) % 2**64)
        return encode(corpus, vocabulary=first.vocabulary, line_weights=run.config.line_weights)

    return FreshText(first, make, run.config.epochs)
