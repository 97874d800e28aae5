import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The sample app of the note: a small shop API that keeps its orders in memory.
 * One file, JDK 11 or newer, nothing to build: java -Xmx512m MyApi.java
 *
 * Environment: POD_NAME, POD_IP (listens there if it is 127.x, else on all addresses), PORT (8080),
 * MY_API_HEAP_MB (200) of live objects, MY_API_LINGER_SECONDS (4) of service after SIGTERM.
 */
public final class MyApi {
  private static final String POD = environment("POD_NAME", "my-api");
  private static final Instant STARTED = Instant.now();

  private static volatile boolean ready = false;
  private static volatile boolean stopping = false;
  private static volatile Shop shop = new Shop();

  public static void main(String[] arguments) throws IOException {
    // Without it, the JDK's server answers keep-alive requests 40 ms late (Nagle meets delayed ACK).
    System.setProperty("sun.net.httpserver.nodelay", "true");
    HttpServer server = HttpServer.create(listenAddress(), 511);
    ExecutorService workers = Executors.newFixedThreadPool(32);
    server.setExecutor(workers);
    server.createContext("/", route("/", MyApi::home));
    server.createContext("/ready", route("/ready", MyApi::readiness));
    server.createContext("/healthz", route("/healthz", exchange -> answer(exchange, 200, "text/plain", "ok\n")));
    server.start();
    log("listening on " + server.getAddress());

    long lingerMs = Long.parseLong(environment("MY_API_LINGER_SECONDS", "4")) * 1000;
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, workers, lingerMs)));

    long heapBytes = Long.parseLong(environment("MY_API_HEAP_MB", "200")) * 1024 * 1024;
    shop.fill(heapBytes);
    // What loading left behind is collected now, before anyone waits for an answer.
    System.gc();
    ready = true;
    log("ready with " + shop.orders.size() + " orders of " + shop.customers.size() + " customers");
  }

  private static InetSocketAddress listenAddress() throws IOException {
    int port = Integer.parseInt(environment("PORT", "8080"));
    String podIp = environment("POD_IP", "");
    // Where Pods share the machine's addresses (127.x) each has to keep to its own; elsewhere all are
    // listened on, as port-forward (to 127.0.0.1 in the Pod) expects.
    return podIp.startsWith("127.")
        ? new InetSocketAddress(InetAddress.getByName(podIp), port)
        : new InetSocketAddress(port);
  }

  private static void home(HttpExchange exchange) throws IOException {
    long uptime = Instant.now().getEpochSecond() - STARTED.getEpochSecond();
    answer(exchange, 200, "application/json",
        "{\"pod\":\"" + POD + "\",\"runtime\":\"jvm\",\"orders\":" + shop.orders.size()
            + ",\"uptimeSeconds\":" + uptime + "}\n");
  }

  private static void readiness(HttpExchange exchange) throws IOException {
    boolean inService = ready && !stopping;
    String why = stopping ? "stopping\n" : ready ? "ready\n" : "loading\n";
    answer(exchange, inService ? 200 : 503, "text/plain", why);
  }

  /** The JDK's contexts match by prefix; this app answers exact paths only. */
  private static HttpHandler route(String path, HttpHandler handler) {
    return exchange -> {
      if (exchange.getRequestURI().getPath().equals(path)) {
        handler.handle(exchange);
      } else {
        answer(exchange, 404, "text/plain", "not found\n");
      }
    };
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("X-Pod", POD);
    if (stopping) {
      exchange.getResponseHeaders().set("Connection", "close");
    }
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  /**
   * SIGTERM: unready at once, but still serving. Whoever routes here needs a moment to notice, and
   * connections already open are used until their owners renew them.
   */
  private static void stop(HttpServer server, ExecutorService workers, long lingerMs) {
    stopping = true;
    log("SIGTERM: unready, serving " + lingerMs + " ms more");
    try {
      Thread.sleep(lingerMs);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    server.stop(1);
    workers.shutdown();
    log("stopped");
  }

  private static String environment(String name, String fallback) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? fallback : value;
  }

  private static void log(String message) {
    System.out.println(Instant.now() + " " + message);
  }
}

/** What fills the heap: customers, their orders, an index by city and a log of recent changes. */
final class Shop {
  private static final String[] CITIES = {
    "Seoul", "Busan", "Incheon", "Daegu", "Daejeon", "Gwangju", "Suwon", "Ulsan", "Jeju"
  };
  private static final String[] PRODUCTS = {
    "espresso machine", "desk lamp", "running shoes", "headphones", "rice cooker", "backpack",
    "mechanical keyboard", "water bottle", "bicycle helmet", "notebook", "umbrella", "teapot"
  };

  final Map<Long, Customer> customers = new HashMap<>();
  final Map<String, Order> orders = new LinkedHashMap<>();
  final TreeMap<String, List<Customer>> byCity = new TreeMap<>();
  final Deque<String> recentChanges = new ArrayDeque<>();

  /** Adds orders until about `bytes` of heap are held; the seed is fixed, so every Pod holds the same. */
  void fill(long bytes) {
    Random random = new Random(20250226);
    long held = 0;
    for (long number = 1; held < bytes; number++) {
      if (number % 4 == 1) {
        Customer customer = new Customer(customers.size() + 1, CITIES[random.nextInt(CITIES.length)]);
        customers.put(customer.id, customer);
        byCity.computeIfAbsent(customer.city, city -> new ArrayList<>()).add(customer);
        held += 480;
      }
      Customer customer = customers.get((long) random.nextInt(customers.size()) + 1);
      Order order = new Order("ORD-" + (1_000_000 + number), customer);
      for (int line = 1 + random.nextInt(4); line > 0; line--) {
        String product = PRODUCTS[random.nextInt(PRODUCTS.length)];
        order.lines.add(new OrderLine(product, 1 + random.nextInt(3), 1000L + random.nextInt(99_000)));
        held += 56;
      }
      order.attributes.put("channel", random.nextBoolean() ? "web" : "mobile");
      order.attributes.put("note", "leave at the door " + random.nextInt(2000));
      order.receipt = receipt(order.toJson(), 1024 + random.nextInt(2048));
      orders.put(order.id, order);
      customer.orders.add(order);
      recentChanges.addLast(order.id + " placed by customer " + customer.id);
      if (recentChanges.size() > 10_000) {
        recentChanges.removeFirst();
      }
      held += 480 + order.receipt.length;
    }
  }

  /** What a customer would be sent: the order's text over and over, as a page of it would be. */
  private static byte[] receipt(String text, int length) {
    byte[] line = text.getBytes(StandardCharsets.UTF_8);
    byte[] page = new byte[length];
    for (int at = 0; at < length; at += line.length) {
      System.arraycopy(line, 0, page, at, Math.min(line.length, length - at));
    }
    return page;
  }
}

final class Customer {
  final long id;
  final String name;
  final String email;
  final String city;
  final List<Order> orders = new ArrayList<>();

  Customer(long id, String city) {
    this.id = id;
    this.name = "Customer " + id;
    this.email = "customer" + id + "@example.com";
    this.city = city;
  }
}

final class Order {
  final String id;
  final Customer customer;
  final List<OrderLine> lines = new ArrayList<>(4);
  final Map<String, String> attributes = new HashMap<>();
  byte[] receipt = new byte[0];

  Order(String id, Customer customer) {
    this.id = id;
    this.customer = customer;
  }

  String toJson() {
    StringBuilder json = new StringBuilder(256);
    json.append("{\"id\":\"").append(id).append("\",\"customer\":").append(customer.id).append(",\"lines\":[");
    for (OrderLine line : lines) {
      json.append("{\"product\":\"").append(line.product).append("\",\"quantity\":").append(line.quantity)
          .append(",\"cents\":").append(line.cents).append("},");
    }
    json.setCharAt(json.length() - 1, ']');
    return json.append('}').toString();
  }
}

final class OrderLine {
  final String product;
  final int quantity;
  final long cents;

  OrderLine(String product, int quantity, long cents) {
    this.product = product;
    this.quantity = quantity;
    this.cents = cents;
  }
}
