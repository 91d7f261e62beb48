"""Search for the hyper-parameters that suit a corpus and a measure: `w2v.tune`.

Place in the data flow: corpus, measure -> trials on samples and on the whole text -> the best hyper-parameters. Modules
import only from those listed above them:

    trial           a configuration that was trained, and its scores
    space           settings and the values that are tried
    candidates      configurations: the defaults, the presets, random ones
    metric          what is measured: word sets, or the next item of sessions
    samples         samples of the encoded lines, and lines held out
    trials          training and scoring of configurations
    state           the file from which a search is resumed
    importance      how much of the scores each setting explains
    picture         the picture of a result
    result          `TuneResult`
    halving         successive halving within a budget
    tuner           `w2v.tune`

README.md in this folder is for users.
"""
