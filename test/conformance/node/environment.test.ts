import type { ConfigMap, EnvFromSource, EnvVar, Pod, Secret } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { outputOf } from '../support/pods.ts';

const data = { 'data-1': 'value-1', 'data-2': 'value-2', 'data-3': 'value-3' };
/** Digits, signs that a shell would expand, letters: all that may begin a variable's name. */
const prefixes = ['', '1-', '$_-', 'ABC_', '#@!'];

conformance('[sig-node] ConfigMap should be consumable via environment variable', async (c) => {
  await createMap(c);
  const output = await outputOf(
    c,
    printing({
      env: [
        {
          name: 'CONFIG_DATA_1',
          valueFrom: { configMapKeyRef: { name: 'source', key: 'data-1' } },
        },
      ],
    }),
  );
  expect(lines(output)).toContain('CONFIG_DATA_1=value-1');
});

conformance('[sig-node] ConfigMap should be consumable via the environment', async (c) => {
  await createMap(c);
  const output = await outputOf(c, printing({ envFrom: mapWith(['', 'p-']) }));
  expectPrefixed(output, ['', 'p-']);
});

conformance(
  '[sig-node] ConfigMap should be consumable as environment variable names with various prefixes',
  async (c) => {
    await createMap(c);
    expectPrefixed(await outputOf(c, printing({ envFrom: mapWith(prefixes) })), prefixes);
  },
);

conformance('[sig-node] Secrets should be consumable from pods in env vars', async (c) => {
  await createSecret(c);
  const output = await outputOf(
    c,
    printing({
      env: [
        { name: 'SECRET_DATA', valueFrom: { secretKeyRef: { name: 'source', key: 'data-1' } } },
      ],
    }),
  );
  expect(lines(output)).toContain('SECRET_DATA=value-1');
});

conformance('[sig-node] Secrets should be consumable via the environment', async (c) => {
  await createSecret(c);
  expectPrefixed(await outputOf(c, printing({ envFrom: secretWith(['', 'p-']) })), ['', 'p-']);
});

conformance(
  '[sig-node] Secrets should be consumable as environment variable names variable names with various prefixes',
  async (c) => {
    await createSecret(c);
    expectPrefixed(await outputOf(c, printing({ envFrom: secretWith(prefixes) })), prefixes);
  },
);

conformance(
  '[sig-node] Variable Expansion should allow composing env vars into new env vars',
  async (c) => {
    const output = await outputOf(
      c,
      printing({
        env: [
          { name: 'FOO', value: 'foo-value' },
          { name: 'BAR', value: 'bar-value' },
          { name: 'FOOBAR', value: '$(FOO);;$(BAR)' },
        ],
      }),
    );
    expect(lines(output)).toEqual(
      expect.arrayContaining(['FOO=foo-value', 'BAR=bar-value', 'FOOBAR=foo-value;;bar-value']),
    );
  },
);

conformance(
  "[sig-node] Variable Expansion should allow substituting values in a container's command",
  async (c) => {
    const command = ['sh', '-c', 'TEST_VAR=wrong echo "$(TEST_VAR)"'];
    expect(await outputOf(c, printing({ env: [testVar], command }))).toContain('test-value');
  },
);

conformance(
  "[sig-node] Variable Expansion should allow substituting values in a container's args",
  async (c) => {
    const script = { command: ['sh', '-c'], args: ['TEST_VAR=wrong echo "$(TEST_VAR)"'] };
    expect(await outputOf(c, printing({ env: [testVar], ...script }))).toContain('test-value');
  },
);

const testVar: EnvVar = { name: 'TEST_VAR', value: 'test-value' };

function printing(container: {
  readonly env?: EnvVar[];
  readonly envFrom?: EnvFromSource[];
  readonly command?: string[];
  readonly args?: string[];
}): Pod {
  return {
    metadata: { name: 'printing' },
    spec: {
      containers: [
        { name: 'env-test', image: images.busybox, command: ['sh', '-c', 'env'], ...container },
      ],
      restartPolicy: 'Never',
    },
  };
}

function createMap(c: Conformance): Promise<unknown> {
  return c.in<ConfigMap>('v1', 'configmaps').create({ metadata: { name: 'source' }, data });
}

function createSecret(c: Conformance): Promise<unknown> {
  const encoded = Object.entries(data).map(([key, value]) => [
    key,
    Buffer.from(`${value}\n`).toString('base64'),
  ]);
  return c.in<Secret>('v1', 'secrets').create({
    metadata: { name: 'source' },
    data: Object.fromEntries(encoded) as Record<string, string>,
  });
}

function mapWith(all: readonly string[]): EnvFromSource[] {
  return all.map((prefix) => ({ prefix, configMapRef: { name: 'source' } }));
}

function secretWith(all: readonly string[]): EnvFromSource[] {
  return all.map((prefix) => ({ prefix, secretRef: { name: 'source' } }));
}

function expectPrefixed(output: string, all: readonly string[]): void {
  const wanted = all.flatMap((prefix) =>
    Object.entries(data).map(([key, value]) => `${prefix}${key}=${value}`),
  );
  expect(lines(output)).toEqual(expect.arrayContaining(wanted));
}

function lines(output: string): string[] {
  return output.split('\n');
}
