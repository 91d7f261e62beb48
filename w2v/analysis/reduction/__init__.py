"""Fewer dimensions: principal components, all-but-the-top, random projection, and what each costs."""
