"""Health of vectors: the checks of `w2v doctor`. README.md of `analysis` says how to add one."""
