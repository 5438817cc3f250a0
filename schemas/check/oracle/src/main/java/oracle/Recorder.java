package oracle;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Runs Apache Avro's own compatibility tests and prints every pair of schemas that they put to the reference, one `["reader", "writer"]`
 * per line. The pairs are overheard: the reference logs each one at debug level, and `Listening` is its logger.
 */
public final class Recorder {
  private static final List<String> SUITES =
      List.of("", "EnumDefaults", "FixedSizeMismatch", "MissingEnumSymbols", "MissingUnionBranch", "Multiple", "NameMismatch",
          "ReaderFieldMissingDefaultValue", "TypeMismatch");

  public static void main(String[] arguments) throws Exception {
    List<? extends DiscoverySelector> suites =
        SUITES.stream().map(suite -> selectClass("org.apache.avro.TestSchemaCompatibility" + suite)).toList();
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(LauncherDiscoveryRequestBuilder.request().selectors(suites).build(), summary);
    ObjectMapper json = new ObjectMapper();
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (List<String> pair : Listening.PAIRS) out.println(json.writeValueAsString(pair));
    out.println(json.writeValueAsString(List.of("tests", Long.toString(summary.getSummary().getTestsSucceededCount()))));
    out.flush();
    if (summary.getSummary().getTotalFailureCount() > 0) {
      summary.getSummary().printFailuresTo(new java.io.PrintWriter(System.err, true));
      System.exit(1);
    }
  }
}
