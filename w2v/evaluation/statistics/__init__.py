"""Statistics of the results: correlation, confidence intervals, tests, clusters. Numbers only, no words or files.

Modules import only from those listed above them:

    correlation     Pearson's and Spearman's coefficients
    significance    p values, and Holm's correction of several
    student         intervals by Student's t
    bootstrap       replicates of a statistic over resampled items, and intervals from them
    kmeans          spherical k-means
    clusters        average linkage, purity
    paired          tests of the difference between two files of vectors on the same items
"""
