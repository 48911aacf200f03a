"""Who the agent can be: one package each, code beside its content."""
