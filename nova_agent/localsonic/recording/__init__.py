"""Recordings of Nova Sonic streams: made between a client and the service, and played back to any client."""
