"""Local Sonic: an offline endpoint that speaks the Amazon Nova Sonic protocol, with real ears and a real voice."""
