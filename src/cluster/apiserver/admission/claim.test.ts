import { expect, it } from 'vitest';
import { Store } from '../../store/index.ts';
import { createLocalApi } from '../local-api.ts';

const DEFAULT = { 'storageclass.kubernetes.io/is-default-class': 'true' };

function withClasses(...classes: { readonly name: string; readonly annotations?: object }[]) {
  const now = () => new Date('2026-11-23T12:00:00Z');
  const store = new Store({ now: () => now().getTime() });
  const api = createLocalApi({ store, now, validationRules: {} });
  api.create('namespaces', { metadata: { name: 'default' } });
  for (const metadata of classes) {
    api.create('storageclasses', { metadata, provisioner: 'example.com/disk' });
  }
  return (spec: object = {}) => {
    const claim = api.create('persistentvolumeclaims', {
      metadata: { namespace: 'default', generateName: 'data-' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        ...spec,
      },
    });
    return (claim as { spec?: { storageClassName?: string } }).spec?.storageClassName;
  };
}

it('a claim that names no class is of the default one from the start', () => {
  const claimed = withClasses(
    { name: 'fast', annotations: DEFAULT },
    { name: 'also', annotations: DEFAULT },
    { name: 'plain' },
  );
  expect(claimed()).toBe('also');
  expect(claimed({ storageClassName: 'plain' })).toBe('plain');
  expect(claimed({ storageClassName: '' })).toBe('');
});

it('a claim keeps no class where none is the default', () => {
  expect(withClasses({ name: 'plain' })()).toBeUndefined();
});
