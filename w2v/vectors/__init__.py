"""Word vectors in memory: lookup, similarities, exact and approximate searches. README.md follows a query through."""
