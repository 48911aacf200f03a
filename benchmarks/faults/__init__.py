"""How clients of Nova Sonic survive its faults: ``python -m benchmarks.faults`` prints one table.

A row is a fault of Local Sonic, a column a client, a cell one call or several. A cell's endpoint lives in the process
of the command; the client and its caller live in another one, so that a client that hangs stops nobody else.
"""
