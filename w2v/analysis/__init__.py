"""Analysis of vector spaces: reduce, align, compare, cluster, diagnose, measure bias.

Place in the data flow: vectors -> results with tables, and new vectors. Every number has an interval, or the value that
it would have by chance, next to it.
"""
