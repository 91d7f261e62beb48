"""Evaluation of word vectors on benchmarks: data sets, measures, confidence intervals, comparisons, tables.

Place in the data flow: vectors + sets -> results -> tables, JSON, plots. Users call `w2v.evaluate`. Folders and modules
import only from those listed above them:

    statistics/     correlation, bootstrap, tests, clusters: numbers only
    sets/           files -> questions, pairs, groups; sets by name, and fetching them
    settings        options of an evaluation
    results         the base of all results, and `Evaluation`
    measures/       the measure and the result of each kind
    kinds           a record for each kind: how it is recognised, read and measured
    loading         sets by name or path
    suite           several sets at once
    comparison      several files of vectors
    output/         tables, plots, records in files of vectors
    gensim_results  results in the form of gensim
    calls           the functions of `w2v.evaluate`

README.md in this folder is for users, and says how to add a kind or a set.
"""
