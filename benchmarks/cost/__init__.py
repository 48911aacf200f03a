"""What calls cost the process that holds them: CPU, memory and punctuality for 1, 10 and 40 calls, ours beside stock.

One process is measured at a time. The endpoint has a process, and where it can a core, of its own.
"""
