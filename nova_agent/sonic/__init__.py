"""Our side of Nova Sonic: endpoint, credentials, and the plugin's session with its defects mended."""

from nova_agent.sonic.credentials import SonicCredentials
from nova_agent.sonic.endpoint import SonicEndpoint
from nova_agent.sonic.model import RealtimeModel
from nova_agent.sonic.quota import StreamQuotas
from nova_agent.sonic.regions import Regions
from nova_agent.sonic.session import RealtimeSession

__all__ = ["RealtimeModel", "RealtimeSession", "Regions", "SonicCredentials", "SonicEndpoint", "StreamQuotas"]
