"""Output of results: tables, plots, and records in files of vectors.

Place in the data flow: results -> text, pictures, metadata. Modules import only from those listed above them:

    tables      tables of results, comparisons and spreads
    record      results in the metadata of a file of vectors
    plot        bars with confidence intervals
"""
