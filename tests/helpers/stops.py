"""Functions for `after_shard` of `w2v.training.run.paced`: runs that are observed, or stopped, at an exact shard."""


class Stop(Exception):
    """Ends a run without a model, as if it had been killed."""


def each_shard(run):
    """Let the observers be called after each shard, and nothing else."""


def stop_after(n):
    """Stop when `n` shards are done and observed; exact with one thread."""
    def check(run):
        if run.pieces_taken >= n:
            raise Stop

    return check
