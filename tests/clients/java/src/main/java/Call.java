import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamInput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamResponseHandler;
import software.amazon.awssdk.utils.async.SimplePublisher;

/** One session, from sessionStart to the end of the response. One thread at a time sends. */
final class Call {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_S = 40;
  private static final int PIECE_MS = 32;
  private static final int PIECE_BYTES = 1024; // 32 ms of PCM s16le, mono, 16 kHz
  private static final String PROMPT = "prompt";
  private static final Map<String, Object> AUDIO = Map.of("promptName", PROMPT, "contentName", "audio");
  private static final Map<String, Object> TEXT = Map.of("mediaType", "text/plain");
  private static final Map<String, Object> FORM =
      Map.of(
          "mediaType", "audio/lpcm",
          "sampleSizeBits", 16,
          "channelCount", 1,
          "encoding", "base64",
          "audioType", "SPEECH");
  private static final Map<String, Object> TOOL =
      Map.of(
          "name", "get_weather",
          "description", "The weather.",
          "inputSchema", Map.of("json", "{\"type\": \"object\"}"));

  final Seen seen = new Seen();
  private final SimplePublisher<InvokeModelWithBidirectionalStreamInput> outbox = new SimplePublisher<>();
  private final ScheduledExecutorService ticking = Executors.newSingleThreadScheduledExecutor();
  private final Map<String, String> stages = new HashMap<>();
  private final boolean mustBeInterrupted;
  private byte[] waiting;
  private byte[] interruption;
  private int contents;
  private boolean answered;

  Call(byte[] speech, byte[] interruption) {
    this.waiting = speech;
    this.interruption = interruption;
    this.mustBeInterrupted = interruption.length > 0;
  }

  void hold(BedrockRuntimeAsyncClient client, boolean withTool) throws Exception {
    var handler =
        InvokeModelWithBidirectionalStreamResponseHandler.builder()
            .subscriber(
                InvokeModelWithBidirectionalStreamResponseHandler.Visitor.builder()
                    .onChunk(chunk -> receive(chunk.bytes().asByteArray()))
                    .build())
            .onComplete(() -> seen.ended.add("END_STREAM"))
            .build();
    CompletableFuture<Void> over =
        client.invokeModelWithBidirectionalStream(
            request -> request.modelId("amazon.nova-2-sonic-v1:0"), outbox, handler);
    open(withTool);
    var speaking = ticking.scheduleAtFixedRate(this::speak, 0, PIECE_MS, TimeUnit.MILLISECONDS);
    over.whenComplete((nothing, error) -> speaking.cancel(false));
    try {
      over.get(LIMIT_S, TimeUnit.SECONDS);
    } finally {
      ticking.shutdown();
    }
  }

  private synchronized void open(boolean withTool) {
    Object[] tools = withTool ? new Object[] {Map.of("toolSpec", TOOL)} : new Object[] {};
    send("sessionStart", Map.of("inferenceConfiguration", Map.of("maxTokens", 1024, "topP", 0.9, "temperature", 0.7)));
    send(
        "promptStart",
        Map.of(
            "promptName", PROMPT,
            "textOutputConfiguration", TEXT,
            "audioOutputConfiguration", with(FORM, Map.of("sampleRateHertz", 24000, "voiceId", "tiffany")),
            "toolUseOutputConfiguration", Map.of("mediaType", "application/json"),
            "toolConfiguration", Map.of("tools", tools)));
    content(
        "textInput",
        "You are helpful.",
        Map.of("type", "TEXT", "role", "SYSTEM", "textInputConfiguration", TEXT));
    send(
        "contentStart",
        with(
            AUDIO,
            Map.of(
                "type", "AUDIO",
                "role", "USER",
                "interactive", true,
                "audioInputConfiguration", with(FORM, Map.of("sampleRateHertz", 16000)))));
  }

  /** Plays the next piece of what waits to be said, else silence; ends the session once the answer is complete. */
  private synchronized void speak() {
    if (answered) {
      ticking.shutdown();
      send("contentEnd", AUDIO);
      send("promptEnd", Map.of("promptName", PROMPT));
      send("sessionEnd", Map.of());
      outbox.complete();
      return;
    }
    byte[] piece = new byte[PIECE_BYTES];
    int length = Math.min(PIECE_BYTES, waiting.length);
    System.arraycopy(waiting, 0, piece, 0, length);
    waiting = Arrays.copyOfRange(waiting, length, waiting.length);
    send("audioInput", with(AUDIO, Map.of("content", Base64.getEncoder().encodeToString(piece))));
  }

  private synchronized void receive(byte[] raw) {
    Map.Entry<String, JsonNode> event = parse(raw).get("event").properties().iterator().next();
    JsonNode body = event.getValue();
    switch (event.getKey()) {
      case "contentStart" -> {
        JsonNode fields = parse(body.path("additionalModelFields").asText("{}").getBytes());
        String stage = fields.path("generationStage").asText();
        stages.put(body.get("contentId").asText(), body.get("role").asText() + " " + stage);
      }
      case "textOutput" -> noteText(stages.get(body.get("contentId").asText()), body.get("content").asText());
      case "audioOutput" -> {
        seen.audioBytes += Base64.getDecoder().decode(body.get("content").asText()).length;
        waiting = concatenated(waiting, interruption);
        interruption = new byte[0];
      }
      case "toolUse" -> {
        JsonNode arguments = parse(body.get("content").asText().getBytes());
        seen.tools.add(Map.of("name", body.get("toolName").asText(), "arguments", arguments));
        sendResult(body.get("toolUseId").asText());
      }
      case "contentEnd" -> noteEnd(body.get("type").asText(), body.get("stopReason").asText());
      case "completionEnd" -> seen.ended.add("completionEnd");
      default -> { }
    }
  }

  private void noteText(String stage, String text) {
    switch (stage) {
      case "USER FINAL" -> seen.heard.add(text);
      case "ASSISTANT SPECULATIVE" -> seen.said.add(text.strip());
      default -> { }
    }
  }

  private void noteEnd(String type, String reason) {
    if (reason.equals("INTERRUPTED")) {
      seen.interrupted = true;
    } else if (type.equals("AUDIO") && reason.equals("END_TURN") && seen.interrupted == mustBeInterrupted) {
      answered = true;
    }
  }

  private void sendResult(String toolUseId) {
    Map<String, Object> form = Map.of("toolUseId", toolUseId, "type", "TEXT", "textInputConfiguration", TEXT);
    content(
        "toolResult",
        "{\"sky\": \"sunny\"}",
        Map.of("type", "TOOL", "role", "TOOL", "toolResultInputConfiguration", form));
  }

  private void content(String event, String text, Map<String, Object> start) {
    Map<String, Object> where = Map.of("promptName", PROMPT, "contentName", "content-" + ++contents);
    send("contentStart", with(with(where, Map.of("interactive", false)), start));
    send(event, with(where, Map.of("content", text)));
    send("contentEnd", where);
  }

  private void send(String name, Map<String, Object> body) {
    byte[] raw;
    try {
      raw = JSON.writeValueAsBytes(Map.of("event", Map.of(name, body)));
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
    outbox.send(InvokeModelWithBidirectionalStreamInput.chunkBuilder().bytes(SdkBytes.fromByteArray(raw)).build());
  }

  private static JsonNode parse(byte[] raw) {
    try {
      return JSON.readTree(raw);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  private static Map<String, Object> with(Map<String, Object> some, Map<String, Object> more) {
    Map<String, Object> all = new LinkedHashMap<>(some);
    all.putAll(more);
    return all;
  }

  private static byte[] concatenated(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
