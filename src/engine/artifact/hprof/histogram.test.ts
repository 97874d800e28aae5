import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { inspectFile } from '../inspect.ts';
import { readableName } from './values.ts';

const hasJdk = (() => {
  try {
    execFileSync('jmap', ['-h'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

// Ends itself should the test be killed; while it sleeps, nothing in its heap changes.
const program = `
import java.util.*;
class Heap {
  static class Base { byte flag; Object first; }
  static class Order extends Base { long id; boolean open; String customer; short lines; }
  public static void main(String[] a) throws Exception {
    List<Object> kept = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      Order order = new Order();
      order.customer = "customer " + i;
      kept.add(order);
      kept.add(new Base());
      kept.add(new byte[i % 100]);
      kept.add(new Object[i % 30]);
      kept.add(new double[i % 7]);
    }
    System.out.println("ready");
    Thread.sleep(120_000);
    System.out.println(kept.size());
  }
}`;

test.runIf(hasJdk)('has the objects and sizes that jmap -histo counts', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'histogram-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const source = join(folder, 'Heap.java');
  writeFileSync(source, program);
  execFileSync('javac', ['-d', folder, source]);
  const jvm = spawn('java', ['-Xmx64m', '-XX:+UseSerialGC', '-cp', folder, 'Heap'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    jvm.kill('SIGKILL');
    if (jvm.exitCode === null && jvm.signalCode === null) await once(jvm, 'exit');
  });
  await once(jvm.stdout, 'data');
  const jmap = (what: string) =>
    execFileSync('jmap', [what, String(jvm.pid)], { encoding: 'utf8', stdio: 'pipe' });
  const before = parse(jmap('-histo:live'));
  const file = join(folder, 'heap.hprof');
  jmap(`-dump:live,format=b,file=${file}`);
  const after = parse(jmap('-histo:live'));

  const inspection = await inspectFile(file, { top: 10_000 });
  expect(inspection).toMatchObject({ format: 'hprof', state: 'whole' });
  const ours = new Map(
    inspection.tables[0]?.rows.map(({ name, count, value }) => [name, `${count} ${value}`]),
  );
  // What the commands themselves leave behind changes between them. Static fields of the JVM's first
  // classes lie otherwise than a dump can tell.
  const unchanged = [...before].filter(
    ([name, counted]) => after.get(name) === counted && name !== 'java.lang.Class',
  );
  expect(unchanged.length).toBeGreaterThan(100);
  expect(unchanged.filter(([name, counted]) => ours.get(name) !== counted)).toEqual([]);
  const top = [...before.keys()].slice(0, 20);
  expect(top.filter((name) => !ours.has(name))).toEqual([]);
  expect(ours.get('Heap$Order')).toMatch(/^5000 /);
});

/** `byte[]` → `1442259 150574560`, the largest first. */
function parse(histogram: string): Map<string, string> {
  const rows = new Map<string, string>();
  for (const [, count, bytes, name = ''] of histogram.matchAll(
    /^\s*\d+:\s+(\d+)\s+(\d+)\s+(\S+)/gm,
  )) {
    rows.set(readableName(name), `${count} ${bytes}`);
  }
  return rows;
}
