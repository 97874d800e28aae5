import { describe, expect, test } from 'vitest';
import { recorded } from '../support/recorded.ts';
import { comparable } from './comparable.ts';
import { exceptionFor, titled } from './exceptions.ts';
import { isReal, useTarget } from './target.ts';
import { pathOfKind } from './discovered.ts';

interface RecordedDefaults {
  readonly input: unknown;
  readonly code: number;
  readonly output: { readonly apiVersion: string; readonly kind: string };
}

const target = useTarget();

describe('what the server makes of an object', () => {
  for (const [name, { input, code, output }] of Object.entries(
    recorded<Record<string, RecordedDefaults>>('defaults.json'),
  )) {
    const reason = exceptionFor(name, isReal);
    test.skipIf(reason !== undefined).each([titled(name, reason)])('%s', async () => {
      const path = `${pathOfKind(output.apiVersion, output.kind)}?dryRun=All&fieldManager=x`;
      const answer = await target().call(path, { method: 'POST', body: input });
      expect(answer.status).toBe(code);
      expect(withoutManagers(answer.body)).toEqual(withoutManagers(output));
    });
  }
});

function withoutManagers(object: unknown): unknown {
  const copy = comparable(object) as { metadata?: { managedFields?: unknown } };
  delete copy.metadata?.managedFields;
  return copy;
}
