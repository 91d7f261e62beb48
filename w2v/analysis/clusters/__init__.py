"""Clusters of words by spherical k-means: `w2v.cluster`."""
