import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The API server as a Pod finds it: by the variables of its Service and the mounted credentials. */
export async function askApiServer(
  path: string,
): Promise<{ readonly status: number; readonly text: string; readonly token: string }> {
  const host = process.env['KUBERNETES_SERVICE_HOST'] ?? 'kubernetes.default.svc';
  const port = process.env['KUBERNETES_SERVICE_PORT'] ?? '443';
  const token = readFileSync(`${MOUNTED}/token`, 'utf8');
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const sent = request(
    {
      host,
      port,
      path,
      ca: readFileSync(`${MOUNTED}/ca.crt`),
      agent: false,
      headers: { authorization: `Bearer ${token}` },
    },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    },
  );
  sent.once('error', reject);
  sent.end();
  return { ...(await promise), token };
}
