import { createApiServer, generateCertificates } from '../../src/cluster/apiserver/index.ts';

/** The API server alone, listening, and the certificates that a peer beside it can use. */
export async function bareServer() {
  const certificates = await generateCertificates();
  const server = createApiServer({
    token: 'bench',
    certificates,
    agent: () => {
      throw new Error('no kubelet here');
    },
  });
  const { port } = await server.listen(0);
  return { server, port, certificates };
}
