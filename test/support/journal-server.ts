import process from 'node:process';
import {
  createApiServer,
  generateCertificates,
  openJournal,
} from '../../src/cluster/apiserver/index.ts';

// An API server with a journal in a process of its own, to be killed: `node journal-server.ts DIRECTORY`.
const journal = await openJournal(process.argv[2] ?? '', { minTurnBytes: 200_000 });
const certificates = await generateCertificates();
const server = createApiServer({
  token: 'a-token-for-tests',
  certificates,
  journal,
  agent: () => {
    throw new Error('this API server has no kubelet');
  },
});
const { port } = await server.listen(0);
process.stdout.write(`${JSON.stringify({ port, ca: certificates.ca })}\n`);
