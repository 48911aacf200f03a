"""How long a caller hears nothing when one persona hands over to the next: ours beside the stock handoff."""
