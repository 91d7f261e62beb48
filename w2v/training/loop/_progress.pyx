"""Counters that the threads of a run share."""

from libc.stdint cimport int64_t
from libc.string cimport memset

from w2v.training.loop._csrc cimport (
    W2V_STOP_ASKED, W2V_STOP_NOT_FINITE, w2v_add_words, w2v_arena_free, w2v_arena_reserve, w2v_arena_take,
    w2v_loss_pairs, w2v_loss_sum, w2v_progress, w2v_progress_reset, w2v_share_loss, w2v_stop, w2v_stopped,
    w2v_words_done,
)

STOP_ASKED = W2V_STOP_ASKED
STOP_NOT_FINITE = W2V_STOP_NOT_FINITE


cdef class Progress:
    """Words done, sampled loss, and the flag that stops all threads (`csrc/loop/progress.h`)."""

    def __cinit__(self):
        memset(&self.arena, 0, sizeof(self.arena))
        w2v_arena_take(&self.arena, 1, sizeof(w2v_progress))
        if not w2v_arena_reserve(&self.arena):
            raise MemoryError("no memory for the progress counters")
        self.shared = <w2v_progress *> w2v_arena_take(&self.arena, 1, sizeof(w2v_progress))
        w2v_progress_reset(self.shared)

    def __dealloc__(self):
        w2v_arena_free(&self.arena)

    @property
    def words_done(self) -> int:
        """Words of the corpus that all threads have finished, over all epochs so far."""
        return w2v_words_done(self.shared)

    @property
    def loss(self) -> tuple[float, int]:
        """Sum of the loss over the sampled pairs of a centre and a context, and the number of these pairs."""
        return w2v_loss_sum(self.shared), w2v_loss_pairs(self.shared)

    @property
    def stopped(self) -> int:
        """Why the threads stop: 0 (they do not), STOP_ASKED or STOP_NOT_FINITE."""
        return w2v_stopped(self.shared)

    def stop(self, int reason=W2V_STOP_ASKED) -> None:
        """Ask every thread to end after its current block (well below a millisecond of work)."""
        w2v_stop(self.shared, reason)

    def add_words(self, int64_t n) -> None:
        """Count words that a worker of a round has finished elsewhere."""
        w2v_add_words(self.shared, n)

    def add_loss(self, double loss_sum, int64_t loss_pairs) -> None:
        """Add the loss of a worker of a round."""
        w2v_share_loss(self.shared, loss_sum, loss_pairs)

    def restore(self, int64_t words_done=0, double loss_sum=0.0, int64_t loss_pairs=0) -> None:
        """Set all counters and clear the stop flag. No thread may be training."""
        w2v_progress_reset(self.shared)
        w2v_add_words(self.shared, words_done)
        w2v_share_loss(self.shared, loss_sum, loss_pairs)
