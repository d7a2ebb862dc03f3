import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/** A Neo4j for the tests. Usage: TestServer HOME, which holds conf/neo4j.conf; SIGTERM ends it in order. */
final class TestServer {
    private TestServer() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        Path settings = home.resolve("conf").resolve("neo4j.conf");
        DatabaseManagementService neo4j =
                new DatabaseManagementServiceBuilder(home).loadPropertiesFromFile(settings).build();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            neo4j.shutdown();
            ended.countDown();
        }));
        ended.await();
    }
}
