import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamInput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamResponseHandler;
import software.amazon.awssdk.utils.async.SimplePublisher;

public final class Ask {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SILENCE =
      Base64.getEncoder().encodeToString(new byte[1024]); // 32 ms of PCM s16le, mono, 16 kHz

  private final SimplePublisher<InvokeModelWithBidirectionalStreamInput> events = new SimplePublisher<>();

  public static void main(String[] arguments) throws Exception {
    new Ask().run();
  }

  private void run() throws Exception {
    var visitor =
        InvokeModelWithBidirectionalStreamResponseHandler.Visitor.builder()
            .onChunk(chunk -> receive(chunk.bytes().asUtf8String()))
            .build();
    var handler = InvokeModelWithBidirectionalStreamResponseHandler.builder().subscriber(visitor).build();
    try (var client = BedrockRuntimeAsyncClient.create()) {
      var over =
          client.invokeModelWithBidirectionalStream(
              request -> request.modelId("amazon.nova-2-sonic-v1:0"), events, handler);
      ask();
      over.get();
    }
  }

  private void ask() {
    ObjectNode inference = JSON.createObjectNode().put("maxTokens", 1024);
    send("sessionStart", JSON.createObjectNode().set("inferenceConfiguration", inference));
    ObjectNode spoken = format(24000).put("voiceId", "tiffany");
    send("promptStart", prompt().set("audioOutputConfiguration", spoken));
    text("system", "SYSTEM", "You are helpful.");
    ObjectNode microphone = content("audio").put("type", "AUDIO").put("role", "USER").put("interactive", true);
    send("contentStart", microphone.set("audioInputConfiguration", format(16000)));
    text("question", "USER", "Hello there.");
    for (int n = 0; n < 10; n++) {
      send("audioInput", content("audio").put("content", SILENCE));
    }
  }

  private void receive(String json) {
    try {
      var event = JSON.readTree(json).get("event");
      if (event.has("textOutput")) {
        System.out.println(event.get("textOutput").get("content").asText());
      }
      var end = event.path("contentEnd");
      if (end.path("type").asText().equals("AUDIO") && end.path("stopReason").asText().equals("END_TURN")) {
        send("contentEnd", content("audio"));
        send("promptEnd", prompt());
        send("sessionEnd", JSON.createObjectNode());
        events.complete();
      }
    } catch (JsonProcessingException error) {
      throw new IllegalStateException(error);
    }
  }

  private void text(String name, String role, String words) {
    boolean interactive = role.equals("USER");
    send("contentStart", content(name).put("type", "TEXT").put("role", role).put("interactive", interactive));
    send("textInput", content(name).put("content", words));
    send("contentEnd", content(name));
  }

  private void send(String name, ObjectNode body) {
    ObjectNode event = JSON.createObjectNode().set("event", JSON.createObjectNode().set(name, body));
    var bytes = SdkBytes.fromUtf8String(event.toString());
    events.send(InvokeModelWithBidirectionalStreamInput.chunkBuilder().bytes(bytes).build());
  }

  private static ObjectNode prompt() {
    return JSON.createObjectNode().put("promptName", "p");
  }

  private static ObjectNode content(String name) {
    return prompt().put("contentName", name);
  }

  private static ObjectNode format(int sampleRateHertz) {
    ObjectNode format = JSON.createObjectNode().put("mediaType", "audio/lpcm").put("encoding", "base64");
    format.put("sampleSizeBits", 16).put("channelCount", 1).put("audioType", "SPEECH");
    return format.put("sampleRateHertz", sampleRateHertz);
  }
}
