"""Plan of a training run: expected memory, disk space and time, and advice."""
