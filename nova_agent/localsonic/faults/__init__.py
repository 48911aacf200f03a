"""Faults at will: what goes wrong, when and how often, and the seams that make it so."""
