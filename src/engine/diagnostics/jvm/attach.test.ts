import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startContainer } from '../../../../test/support/jvm-container.ts';
import { hasSandbox } from '../../../../test/support/sandbox.ts';
import { hasTools } from '../../../../test/support/tools.ts';
import { shellCommand } from '../../container/shell.ts';
import type { DiagnosticContext } from '../diagnostic.ts';
import { theJvm } from './find-jvm.ts';
import { speakerNames, type Jvm } from './jvm.ts';
import { lookAsUserScript, lookScript } from './look-script.ts';
import { ask, visit } from './visit.ts';
import type { Way } from './way.ts';

test('what is asked of the container at once fits into a URL as proxies take it', () => {
  const words = shellCommand(lookScript, ['1', '/usr/bin/java', '', '0', '0', lookAsUserScript]);
  const query = words.map((word) => `command=${encodeURIComponent(word)}`).join('&');
  expect(query.length).toBeLessThan(7_500);
});

const able = hasSandbox() && hasTools('java', 'javac');

describe.runIf(able)('a JVM in a container', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(process.cwd(), 'node_modules', '.attach-'));
    const source = join(folder, 'App.java');
    writeFileSync(
      source,
      `public class App {
         public static void main(String[] a) throws Exception {
           System.out.println("ready");
           Thread.sleep(600_000);
         }
       }`,
    );
    execFileSync('javac', ['-d', folder, source]);
    return () => rmSync(folder, { recursive: true });
  });

  async function start() {
    const container = await startContainer(['java', '-Xmx32m', '-cp', folder, 'App']);
    return { ...container, jvm: await theJvm(container.context) };
  }

  const askBy = (context: DiagnosticContext, jvm: Jvm, way: Way, command = 'VM.version') =>
    visit({ context, jvm, way }, {}, async (here) => {
      const answer = await ask(here, command);
      await here.directory.remove();
      return answer;
    });

  test('answers whatever can open its socket', async () => {
    const { context, sh, jvm } = await start();
    const spoken: string[] = [];
    for (const name of speakerNames) {
      const path = (await sh(`command -v ${name}`)).trim();
      if (path === '') continue;
      const way = { kind: 'attach', speaker: { name, path } } as const;
      expect(await askBy(context, jvm, way)).toMatch(/^JDK \d+/m);
      spoken.push(name);
    }
    // Others (socat, nc -U) are tried where there are any.
    expect(spoken).toEqual(expect.arrayContaining(['node', 'java']));
    const speaker = jvm.speakers[0] ?? { name: 'java', path: 'java' };
    const refusal = askBy(context, jvm, { kind: 'attach', speaker }, 'No.such');
    await expect(refusal).rejects.toMatchObject({
      code: 'diagnostic-failed',
      message: expect.stringContaining('Unknown diagnostic command'),
    });
    expect(
      await sh(
        'ls -A /tmp | grep -v -E "^(hsperfdata_|\\.java_pid1$)"; ls -A /proc/1/cwd | grep attach_pid',
      ),
    ).not.toMatch(/attach_pid|pitstop-[0-9a-f]{8}/);
  });

  test('that hangs is told within the time there is, and leaves nothing behind', async () => {
    const { context, sh, send, jvm } = await start();
    const speaker = jvm.speakers[0] ?? { name: 'java', path: 'java' };
    send('SIGSTOP');
    const hasty = { ...context, timeoutMs: 5_000 };
    await expect(askBy(hasty, jvm, { kind: 'attach', speaker })).rejects.toMatchObject({
      code: 'diagnostic-timeout',
      message: expect.stringMatching(/^the JVM, pid 1 .* did not answer attach .* in 5 s/),
    });
    expect(await sh('ls -A /tmp /proc/1/cwd/')).not.toMatch(/attach_pid|pitstop-[0-9a-f]{8}/);
    await expect(theJvm(context)).rejects.toMatchObject({
      code: 'diagnostic-unavailable',
      message:
        'the JVM (pid 1) is stopped (SIGSTOP): it answers nothing until it goes on (kill -CONT 1)',
    });
    send('SIGCONT');
    expect(await askBy(context, jvm, { kind: 'attach', speaker })).toMatch(/^JDK \d+/m);
  });
});
