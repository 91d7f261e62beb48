"""Classes with the names and parameters of other trainers; see README.md of this folder."""
