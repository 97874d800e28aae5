import { expect, it } from 'vitest';
import { useApiServer } from '../../../../test/support/api-server.ts';
import { recorded } from '../../../../test/support/recorded.ts';
import { RESOURCES } from '../resources/table.ts';

interface Recorded {
  readonly input: Record<string, any>;
  readonly output: Record<string, any>;
  readonly code: number;
}

const server = useApiServer();

const cases = recorded<[string, Recorded][] | Record<string, Recorded>>('defaults.json');
const inScope = (Array.isArray(cases) ? cases : Object.entries(cases)).flatMap(([name, pair]) => {
  const resource = RESOURCES.find(
    ({ kind, group, version }) =>
      kind === pair.output['kind'] &&
      (group ? `${group}/${version}` : version) === pair.output['apiVersion'],
  );
  return resource ? [{ name, resource, ...pair }] : [];
});

it.each(inScope)(
  '$name is made what a real API server makes of it',
  async ({ resource, input, output }) => {
    const root = resource.group ? `/apis/${resource.group}` : '/api';
    const place = resource.namespaced ? 'namespaces/default/' : '';
    const { status, body } = await server().call(
      `${root}/${resource.version}/${place}${resource.plural}?dryRun=All&fieldManager=x`,
      { method: 'POST', body: input },
    );
    expect(status).toBe(201);
    expect(comparable(body)).toEqual(comparable(output));
  },
);

/** Without what differs from one server to the next. */
function comparable(object: Record<string, any>): unknown {
  const text = JSON.stringify(object, (key, value: unknown) =>
    key === 'managedFields' ? undefined : value,
  );
  return JSON.parse(
    text
      .replaceAll(/"(uid|creationTimestamp|[\w./]*controller-uid)":"[^"]+"/g, '"$1":"ANY"')
      .replaceAll(/kube-api-access-\w{5}/g, 'kube-api-access-ANY')
      .replaceAll(/10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+/g, 'ADDRESS')
      .replaceAll(/"nodePort":\d+/g, '"nodePort":1'),
  );
}
