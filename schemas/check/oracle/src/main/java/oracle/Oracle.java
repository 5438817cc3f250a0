package oracle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaNormalization;

/** Answers each line `["reader schema", "writer schema"]` with one line of what the Java reference says about the pair. */
public final class Oracle {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode pair = JSON.readTree(line);
      out.println(JSON.writeValueAsString(answer(pair.get(0).textValue(), pair.get(1).textValue())));
      if (!in.ready()) out.flush();
    }
    out.flush();
  }

  private static ObjectNode answer(String readerText, String writerText) {
    ObjectNode answer = JSON.createObjectNode();
    Schema reader = parse(readerText, "reader", answer);
    Schema writer = parse(writerText, "writer", answer);
    if (reader == null || writer == null) return answer;
    answer.put("fingerprint", String.format("%016x", SchemaNormalization.parsingFingerprint64(reader)));
    try {
      SchemaCompatibility.SchemaCompatibilityResult result =
          SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
      answer.put("verdict", result.getCompatibility().name());
      ArrayNode findings = answer.putArray("findings");
      for (SchemaCompatibility.Incompatibility each : result.getIncompatibilities()) {
        findings.addArray().add(each.getType().name()).add(each.getLocation()).add(each.getMessage());
      }
    } catch (RuntimeException refused) {
      answer.put("verdict", "THROWS").put("message", refused.getMessage());
    }
    return answer;
  }

  private static Schema parse(String text, String side, ObjectNode answer) {
    try {
      return new Schema.Parser().parse(text);
    } catch (RuntimeException refused) {
      answer.put("verdict", "UNPARSABLE").put(side, String.valueOf(refused.getMessage()));
      return null;
    }
  }
}
