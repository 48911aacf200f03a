"""Synthetic callers: scripted people who phone the agent over an audio line inside the process.

A caller hears what the agent played, with ears of its own, and answers by its script. What counts afterwards is
the database: a scenario is graded on the rows that the call left, not on its words.
"""
