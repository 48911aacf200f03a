import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.util.VersionInfo;

/** What the program prints; ../seen.py says what the fields mean. */
@JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.NON_PRIVATE)
final class Seen {
  final String client = "software.amazon.awssdk:bedrockruntime " + VersionInfo.SDK_VERSION;
  final List<String> heard = new ArrayList<>();
  final List<String> said = new ArrayList<>();

  @JsonProperty("audio_bytes")
  int audioBytes;

  final List<Object> tools = new ArrayList<>();
  boolean interrupted;
  final List<String> ended = new ArrayList<>();
}
