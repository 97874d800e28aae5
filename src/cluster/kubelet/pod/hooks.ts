import type { Container, LifecycleHandler } from 'kubernetes-types/core/v1.js';
import { get } from 'node:http';
import { get as getTls } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { utf8Header } from '../../utf8-header.ts';
import { joinHostPort } from '../probes/host-port.ts';
import { portOf } from '../probes/run-probe.ts';
import type { ContainerProcess } from '../runtime/runtime.ts';

export interface HookTarget {
  readonly container: Container;
  readonly process: ContainerProcess;
  readonly podIp: string;
}

/** Runs a postStart or preStop hook to its end; rejects when it fails. */
export async function runHook(handler: LifecycleHandler, target: HookTarget): Promise<void> {
  const { exec, httpGet, sleep } = handler;
  if (sleep) await delay(sleep.seconds * 1000);
  else if (exec) await runExec(exec.command ?? [], target);
  else if (httpGet) {
    const port = portOf(httpGet.port, target.container);
    const path = (httpGet.path ?? '/').replace(/^(?!\/)/, '/');
    const scheme = (httpGet.scheme ?? 'HTTP').toLowerCase();
    const given = (httpGet.httpHeaders ?? []).map(
      ({ name, value }) => [name, utf8Header(value)] as const,
    );
    const headers = { 'user-agent': 'kube-lifecycle/1.36', ...Object.fromEntries(given) };
    const place = joinHostPort(httpGet.host || target.podIp, port);
    await runGet(`${scheme}://${place}${path}`, headers);
  }
}

async function runExec(command: readonly string[], target: HookTarget): Promise<void> {
  const process = await target.process.exec({ command, stdin: false, tty: false });
  let output = '';
  const collect = (chunk: Buffer) => void (output = (output + chunk.toString()).slice(-4096));
  process.stdout.on('data', collect);
  process.stderr?.on('data', collect);
  const { exitCode } = await process.exit;
  if (exitCode !== 0)
    throw new Error(`command '${command.join(' ')}' exited with ${exitCode}: ${output}`);
}

function runGet(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const options = { agent: false as const, rejectUnauthorized: false, headers };
  const request = (url.startsWith('https:') ? getTls : get)(url, options, (response) => {
    response.resume();
    response.once('close', () => {
      const status = response.statusCode ?? 0;
      if (status < 400) resolve();
      else reject(new Error(`Get "${url}": status ${status}`));
    });
  });
  request.once('upgrade', (_, socket) => {
    socket.destroy();
    resolve();
  });
  request.on('error', reject);
  return promise;
}
