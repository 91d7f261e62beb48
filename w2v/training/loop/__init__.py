"""The training loop; `_loop.pyx` has the map."""
