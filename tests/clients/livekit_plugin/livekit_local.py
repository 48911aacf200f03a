from aws_sdk_bedrock_runtime.client import AsyncBedrockRuntimeClient
from aws_sdk_bedrock_runtime.config import AsyncBedrockRuntimeConfig
from livekit.plugins.aws.experimental.realtime import RealtimeModel
from livekit.plugins.aws.experimental.realtime.realtime_model import RealtimeSession
from smithy_aws_core.identity import EnvironmentCredentialsResolver
from smithy_http.aio.crt import AWSCRTHTTPClient


class LocalModel(RealtimeModel):
    def session(self, *, turn_detection_disabled: bool = False) -> RealtimeSession:
        session = LocalSession(self)
        self._sessions.add(session)
        return session


class LocalSession(RealtimeSession):
    async def _initialize_client(self) -> None:
        config = await AsyncBedrockRuntimeConfig.resolve(
            transport=AWSCRTHTTPClient(), aws_credentials_identity_resolver=EnvironmentCredentialsResolver()
        )
        self._bedrock_client = AsyncBedrockRuntimeClient(config=config)
