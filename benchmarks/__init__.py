"""Measurements of Nova Agent, offline: ``python -m benchmarks`` prints one table each.

The agent's side runs in a process of its own (:mod:`benchmarks.agent`), and Local Sonic in another, so that neither
takes time from the other within one interpreter, and so that their CPU can be told apart.
"""
