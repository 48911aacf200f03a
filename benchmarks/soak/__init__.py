"""Many short calls in one process, each with a fault of its own: afterwards nothing is left, and each has ended.

:mod:`~benchmarks.soak.plan` draws what happens in each call, :mod:`~benchmarks.soak.lanes` holds them side by side,
their endpoints are in a process of their own (:mod:`~benchmarks.soak.serving`), :mod:`~benchmarks.soak.verdict` judges.
"""
