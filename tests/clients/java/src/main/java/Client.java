import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;

/** A caller on the AWS SDK for Java 2.x. See ../README.md for arguments and output. */
public final class Client {
  public static void main(String[] arguments) throws Exception {
    byte[] speech = Files.readAllBytes(Path.of(arguments[2]));
    byte[] interruption = arguments.length > 3 ? Files.readAllBytes(Path.of(arguments[3])) : new byte[0];
    Call call = new Call(speech, interruption);
    try (var client = BedrockRuntimeAsyncClient.builder().endpointOverride(URI.create(arguments[1])).build()) {
      call.hold(client, arguments[0].equals("tool"));
    }
    System.out.println(new ObjectMapper().writeValueAsString(call.seen));
  }
}
