"""One very long call over many streams: every turn is answered, no audio is lost, nothing grows.

:mod:`~benchmarks.long_call.call` holds it, :mod:`~benchmarks.long_call.caller` talks without end, the endpoint counts
samples in a process of its own (:mod:`~benchmarks.long_call.serving`), and :mod:`~benchmarks.long_call.verdict` judges.
"""
