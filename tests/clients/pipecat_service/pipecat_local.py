import os

from aws_sdk_bedrock_runtime.client import BedrockRuntimeClient
from aws_sdk_bedrock_runtime.config import Config
from pipecat.services.aws.nova_sonic.llm import AWSNovaSonicLLMService
from smithy_aws_core.auth.sigv4 import SigV4AuthScheme
from smithy_aws_core.identity.environment import EnvironmentCredentialsResolver
from smithy_core.shapes import ShapeID


class LocalNovaSonicLLMService(AWSNovaSonicLLMService):
    def create_client(self) -> BedrockRuntimeClient:
        return BedrockRuntimeClient(
            config=Config(
                endpoint_uri=os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"],
                region=os.environ["AWS_REGION"],
                aws_credentials_identity_resolver=EnvironmentCredentialsResolver(),
                auth_schemes={ShapeID("aws.auth#sigv4"): SigV4AuthScheme(service="bedrock")},
            )
        )
