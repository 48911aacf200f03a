"""What the endpoint received: every stream's input with times and sample counts, for tests of clients."""

from nova_agent.localsonic.ledger.ledger import Ledger, Overlap
from nova_agent.localsonic.ledger.numbered import NumberedAudio
from nova_agent.localsonic.ledger.numbering import number_audio
from nova_agent.localsonic.ledger.stream import StreamLedger

__all__ = ["Ledger", "NumberedAudio", "Overlap", "StreamLedger", "number_audio"]
