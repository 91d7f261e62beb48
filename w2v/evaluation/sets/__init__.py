"""Data sets: reading their files, and finding or fetching them by name.

Place in the data flow: names and paths -> files -> questions, pairs, relations, classes, groups. Modules import only
from those listed above them:

    reading     lines, fields and CSV columns of text files
    excerpt     the beginning of a file, from which its kind is recognised
    analogies, similarity, degrees, choices, categories, outliers    a reader for each kind
    registry    the sets that have a name: kind, citation, licence, address
    finding     the folders in which a set is looked for, and fetching
"""
