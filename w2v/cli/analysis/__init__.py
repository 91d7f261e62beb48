"""Commands that analyse vectors, one module each; `common.py` has what they share."""
