import { request } from 'node:https';
import type { Access } from './kubeconfig.ts';

/** Asks the API server whether it is ready, for at most 2 s. */
export async function answers(access: Access): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const headers = { authorization: `Bearer ${access.token}` };
  const probe = request(
    `${access.server}/readyz`,
    { ca: access.ca, headers, agent: false, timeout: 2000 },
    (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    },
  );
  probe.on('timeout', () => probe.destroy());
  probe.on('error', () => resolve(false));
  probe.end();
  return await promise;
}
