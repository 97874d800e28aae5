import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { type Certificates, generateCertificates } from '../apiserver/certificates.ts';
import { ClusterError } from './cluster-error.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { openListeningSocket, portOf } from './listening-socket.ts';

/** What clients know a cluster by: where it listens, its certificates, and the admin's token. */
export interface Identity {
  readonly socket: Server;
  readonly token: string;
  readonly certificates: Certificates;
  /** Notes another port than last time's, once the cluster has the data directory for itself. */
  readonly settle: () => Promise<void>;
}

interface KeptIdentity extends Pick<Identity, 'token' | 'certificates'> {
  readonly apiPort: number;
}

/** A new identity, or the one that the data directory keeps: a kubeconfig stays good over restarts. */
export async function identity({ apiPort, dataDirectory }: ClusterOptions): Promise<Identity> {
  const kept = dataDirectory === undefined ? undefined : await readKept(dataDirectory);
  const { token, certificates } = kept ?? {
    token: randomBytes(32).toString('base64url'),
    certificates: await generateCertificates(),
  };
  const socket = await openSocket(apiPort, kept?.apiPort);
  const port = portOf(socket);
  const note = async () => {
    if (dataDirectory === undefined || kept?.apiPort === port) return;
    await keep(dataDirectory, { token, certificates, apiPort: port });
  };
  if (!kept) await note();
  return { socket, token, certificates, settle: async () => kept && (await note()) };
}

/** The port that is asked for; else the one of last time, if nobody has taken it; else any. */
async function openSocket(wanted: number | undefined, last: number | undefined): Promise<Server> {
  if (wanted !== undefined) return await openListeningSocket(wanted).catch(portRefused(wanted));
  if (last === undefined) return await openListeningSocket(0);
  try {
    return await openListeningSocket(last);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return await openListeningSocket(0);
  }
}

function portRefused(port: number): (error: Error) => never {
  return (error) => {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    const why = isTaken ? 'is taken' : `cannot be had: ${error.message}`;
    throw new ClusterError('option-invalid', `port ${port} of 127.0.0.1 ${why}`, {
      hint: 'ask for another port, or for none to get any free one',
      cause: error,
    });
  };
}

async function readKept(directory: string): Promise<KeptIdentity | undefined> {
  const path = fileIn(directory);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as KeptIdentity;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ClusterError('start-failed', `${path} cannot be read: ${(error as Error).message}`, {
      hint: 'remove the file to give the cluster a new kubeconfig; its objects stay',
      cause: error,
    });
  }
}

async function keep(directory: string, kept: KeptIdentity): Promise<void> {
  const path = fileIn(directory);
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(temporary, JSON.stringify(kept), { mode: 0o600, flag: 'wx', flush: true });
  await rename(temporary, path);
}

function fileIn(directory: string): string {
  return join(directory, 'identity.json');
}
