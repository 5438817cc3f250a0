import java.io.File;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;

/** `java Validate.java schema.xsd file.xml…`: silent when all are valid, throws when one is not. */
public final class Validate {
  public static void main(String[] files) throws Exception {
    Schema schema = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI).newSchema(new File(files[0]));
    for (int i = 1; i < files.length; i++) schema.newValidator().validate(new StreamSource(new File(files[i])));
  }
}
