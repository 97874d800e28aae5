import { expect, test } from 'vitest';
import { resourceField } from './resource-field.ts';

const container = {
  name: 'box',
  resources: { limits: { cpu: '1250m', memory: '64Mi' }, requests: { cpu: '250m' } },
};
const allocatable = { cpu: '2', memory: '4Gi', 'ephemeral-storage': '10Gi' };

test.each([
  ['limits.cpu', undefined, '2'],
  ['limits.cpu', '1m', '1250'],
  ['limits.memory', '1Mi', '64'],
  ['limits.memory', undefined, `${64 * 1024 * 1024}`],
  ['requests.cpu', '1m', '250'],
  ['requests.memory', undefined, `${64 * 1024 * 1024}`],
  ['limits.ephemeral-storage', '1Gi', '10'],
  ['requests.ephemeral-storage', undefined, '0'],
])('%s in units of %s is %s', (resource, divisor, expected) => {
  const field = { resource, ...(divisor !== undefined && { divisor }) };
  expect(resourceField(field, { container, allocatable })).toBe(expected);
});
