"""What the endpoint received: every stream's input with times and sample counts, for tests of clients."""

from nova_agent.localsonic.ledger.ledger import Ledger, Overlap
from nova_agent.localsonic.ledger.stream import StreamLedger

__all__ = ["Ledger", "Overlap", "StreamLedger"]
