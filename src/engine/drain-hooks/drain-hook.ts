import { PitstopError } from '../errors.ts';
import type { HookCall } from './hook-call.ts';

/** How the application in the Pod is asked to let its clients go, and how that is taken back. */
export interface DrainHook {
  /** As it was asked for. */
  readonly name: string;
  readonly call: HookCall;
  readonly undo?: HookCall;
}

// Envoy, "Draining": a failed health check makes every listener of drain_type default answer with
// Connection: close and GOAWAY, and /healthcheck/ok takes it back; drain_listeners has no way back.
const failHealth = 'healthcheck/fail';
const passHealth = 'healthcheck/ok';
const envoyAdminPort = 9901;
const springPort = 8080;

const hookForms =
  'exec:COMMAND, http://:PORT/PATH (POST; "GET http://…" for GET), envoy[:PORT], istio, or spring[:PORT]';

/** Throws `drain-hook` when the text is none of `hookForms`. */
export function parseDrainHook(text: string): DrainHook {
  const generic = parseCall(text);
  if (generic) return { name: text, call: generic };
  const [, name, port] = /^(envoy|istio|spring)(?::(\d+))?$/.exec(text) ?? [];
  switch (name) {
    case undefined:
      break;
    case 'envoy': {
      const admin = `http://127.0.0.1:${port ?? envoyAdminPort}`;
      return {
        name: text,
        call: { method: 'POST', url: `${admin}/${failHealth}` },
        undo: { method: 'POST', url: `${admin}/${passHealth}` },
      };
    }
    case 'istio':
      if (port !== undefined) break;
      return { name: text, call: pilotAgent(failHealth), undo: pilotAgent(passHealth) };
    case 'spring':
      return {
        name: text,
        call: readiness(port, 'REFUSING_TRAFFIC'),
        undo: readiness(port, 'ACCEPTING_TRAFFIC'),
      };
  }
  throw notUnderstood('--drain-hook', text);
}

/** What undoes a hook of one's own: `exec:` or `http:`. Throws `drain-hook` on anything else. */
function parseDrainUndo(text: string): HookCall {
  const call = parseCall(text);
  if (!call) throw notUnderstood('--drain-undo', text);
  return call;
}

/** All that undoes the hooks, the last one first. */
export function undoCalls(
  hooks: readonly string[] = [],
  undos: readonly string[] = [],
): readonly HookCall[] {
  const known = hooks.flatMap((hook) => parseDrainHook(hook).undo ?? []);
  return [...undos.map(parseDrainUndo), ...known.toReversed()];
}

function parseCall(text: string): HookCall | undefined {
  if (text.startsWith('exec:') && text.length > 'exec:'.length) {
    return { command: ['sh', '-c', text.slice('exec:'.length)] };
  }
  const [, method = 'POST', host, rest] =
    /^(?:(GET|POST) )?http:\/\/([^/:]*)(:\d+(?:\/.*)?)$/.exec(text) ?? [];
  if (rest === undefined) return undefined;
  const url = `http://${host || '127.0.0.1'}${rest}`;
  return { method: method === 'GET' ? 'GET' : 'POST', url };
}

function pilotAgent(path: string): HookCall {
  return { container: 'istio-proxy', command: ['pilot-agent', 'request', 'POST', path] };
}

/**
 * Spring Boot shows its readiness state but lets nobody set it: the application offers this operation
 * itself (docs/guide/draining.md has the ten lines).
 */
function readiness(port: string | undefined, state: string): HookCall {
  return {
    method: 'POST',
    url: `http://127.0.0.1:${port ?? springPort}/actuator/readinessstate`,
    body: JSON.stringify({ state }),
  };
}

function notUnderstood(flag: string, text: string): PitstopError {
  return new PitstopError('drain-hook', `${flag} '${text}' is not understood`, {
    hint: flag === '--drain-hook' ? hookForms : 'exec:COMMAND or http://:PORT/PATH',
  });
}
