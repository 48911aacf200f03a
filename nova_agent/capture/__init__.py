"""What callers say, turned into values. Pure functions; no I/O, no clock of their own."""
