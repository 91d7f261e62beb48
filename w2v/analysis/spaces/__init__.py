"""Two or more spaces: alignment, differences, stability."""
