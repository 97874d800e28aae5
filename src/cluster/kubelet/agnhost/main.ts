import { say } from './listen-address.ts';

type Program = (args: readonly string[]) => Promise<void> | void;

/** What each program is called by, loaded when it is. */
const programs: Readonly<Record<string, () => Promise<Program>>> = {
  connect: async () => (await import('./connect.ts')).connect,
  'dns-server-list': async () => (await import('./dns.ts')).dnsServerList,
  'dns-suffix': async () => (await import('./dns.ts')).dnsSuffix,
  'entrypoint-tester': async () => entrypointTester,
  'etc-hosts': async () => (await import('./dns.ts')).etcHosts,
  'grpc-health-checking': async () => (await import('./grpc-health.ts')).grpcHealthChecking,
  inclusterclient: async () => (await import('./in-cluster-client.ts')).inClusterClient,
  liveness: async () => (await import('./web-servers.ts')).liveness,
  'logs-generator': async () => (await import('./logs-generator.ts')).logsGenerator,
  mounttest: async () => (await import('./mount-test.ts')).mountTest,
  netexec: async () => (await import('./netexec.ts')).netexec,
  nettest: async () => (await import('./nettest.ts')).nettest,
  pause: async () => pause,
  porter: async () => (await import('./porter.ts')).porter,
  'serve-hostname': async () => (await import('./web-servers.ts')).serveHostname,
  'static-page': async () => (await import('./web-servers.ts')).staticPage,
  'test-service-account-issuer-discovery': async () =>
    (await import('./issuer-discovery.ts')).issuerDiscovery,
  'test-webserver': async () => (await import('./web-servers.ts')).testWebserver,
};

/** The name the program was started by and its arguments, as argv has them. */
let self: readonly string[] = [];

/**
 * Our stand-in for the programs of the `agnhost` image that Kubernetes' own tests run in Pods.
 * `argv` is the name it was called by (`/agnhost`) and its arguments.
 */
export async function agnhost(argv: readonly string[]): Promise<void> {
  self = argv;
  const [, name = '', ...args] = argv;
  const load = Object.hasOwn(programs, name) ? programs[name] : undefined;
  if (!load) {
    process.stderr.write(
      `Error: unknown command "${name}" for "app"; this stand-in has ${Object.keys(programs).join(', ')}\n`,
    );
    process.exitCode = 1;
    return;
  }
  const program = await load();
  await program(args);
}

function entrypointTester(): void {
  say(`[${self.join(' ')}]`);
}

/** Waits for a signal; a first process gets none that it does not ask for. */
function pause(): void {
  say('Paused');
  const wait = setInterval(() => {}, 2 ** 30);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      clearInterval(wait);
      process.exit(0);
    });
}
