"""What a stream's request headers say of the client. Keys and signatures are not kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from nova_agent.localsonic.ledger.values import RequestFacts

# Amazon S3 API reference, "sigv4-auth-using-authorization-header"; SigV4A names no region in its scope.
_SIGNED: Final = re.compile(r"AWS4-[\w-]+ +Credential=[^/,\s]+/\d{8}/(?:(?P<region>[a-z0-9-]+)/)?bedrock/")


def request_facts(headers: Mapping[str, str]) -> RequestFacts:
    """Read the headers, whose names are in lower case."""
    signature = _SIGNED.match(headers.get("authorization", ""))
    region = signature["region"] if signature is not None else None
    return RequestFacts(headers.get("user-agent"), signature is not None, region)
