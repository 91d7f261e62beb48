"""Measures: computations from the vectors on each kind of set, and the form of their results.

Place in the data flow: content of a set + vectors -> result. Modules import only from those listed above them:

    word_rows       rows of the words that sets ask for
    answers         analogy methods that answer single questions: 3CosAdd, 3CosMul, PairDistance
    relations       analogy methods that learn from a whole relation: 3CosAvg, LRCos
    offsets         differences of the vectors of pairs
    analogies, similarity, degrees, choices, categories, outliers    result and measure of each kind
"""
