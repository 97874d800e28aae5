import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Orders as a shop keeps them: strings, maps, JSON, and a few bytes that do not compress. With a file to
 * be made when it is ready and a port, it answers there until it is killed.
 */
export const heapProgram = `
import java.util.*;
import java.nio.charset.StandardCharsets;

public class Heap {
  record Order(long id, String customer, Map<String, String> items, byte[] json, byte[] picture) {}
  static final List<Order> orders = new ArrayList<>();

  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    Random random = new Random(7);
    for (int id = 0; id < count; id++) {
      Map<String, String> items = new HashMap<>();
      for (int item = 0; item < 4; item++) {
        items.put("item-" + random.nextInt(5000), "quantity " + random.nextInt(99));
      }
      String json = "{\\"id\\":" + id + ",\\"total\\":" + random.nextInt(1000000) / 100.0
          + ",\\"currency\\":\\"EUR\\",\\"lines\\":" + items
          + ",\\"note\\":\\"please deliver to the back door, order " + random.nextLong() + "\\"}";
      byte[] picture = new byte[180];
      if (id % 2 == 0) random.nextBytes(picture);
      String customer = "customer-" + random.nextInt(100000);
      orders.add(new Order(id, customer, items, json.getBytes(StandardCharsets.UTF_8), picture));
    }
    System.out.println("ready");
    if (arguments.length < 3) Thread.sleep(Long.MAX_VALUE);
    try (java.net.ServerSocket server = new java.net.ServerSocket(Integer.parseInt(arguments[2]))) {
      new java.io.File(arguments[1]).createNewFile();
      for (;;) {
        try (java.net.Socket client = server.accept()) {
          client.getOutputStream().write("ok\\n".getBytes());
        } catch (java.io.IOException gone) { }
      }
    }
  }
}
`;

/** A heap dump of a JVM of this machine, about 1.6 KB an order; returns its size. */
export async function makeHeapDump(
  directory: string,
  name: string,
  orders: number,
): Promise<number> {
  const source = join(directory, 'Heap.java');
  writeFileSync(source, heapProgram);
  const java = spawn('java', ['-Xmx4g', source, `${orders}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(java.stdout, 'data');
    const file = join(directory, name);
    execFileSync('jcmd', [`${java.pid}`, 'GC.heap_dump', file], { stdio: 'ignore' });
    return (await stat(file)).size;
  } finally {
    java.kill('SIGKILL');
    await once(java, 'exit');
  }
}
