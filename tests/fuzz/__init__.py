"""Fuzzers: random inputs, random runs, injected failures and signals. tests/README.md says how to run them."""
