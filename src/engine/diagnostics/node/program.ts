import type { InspectorAddress } from './flags.ts';
import type { InspectorCall, InspectorWork } from './inspector-work.ts';

/**
 * Runs in the container, on the container's own Node (14 or newer, no packages): has the process of a
 * pid do something over its inspector and writes what comes to a file. Its one argument is a
 * `ProgramJob` as JSON.
 *
 * Inspector: one WebSocket over node:net, spoken by hand; a snapshot is appended chunk by chunk, so
 * that it is never held in memory. An inspector that this program opened is closed again, also when
 * it is told to end.
 */
export const nodeProgram = String.raw`'use strict';
const fs = require('fs');
const http = require('http');
const net = require('net');
const path = require('path');
const crypto = require('crypto');

const job = JSON.parse(process.argv[2]);
const { pid, file } = job;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function fail(message) {
  throw new Error(message);
}

function inspectorUrl({ host, port }) {
  return new Promise((resolve) => {
    const request = http.get({ host, port, path: '/json/list', timeout: 2000 }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => {
        try {
          resolve(JSON.parse(body)[0].webSocketDebuggerUrl);
        } catch (error) {
          resolve(undefined);
        }
      });
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}

const lostWords = 'the process closed its inspector: did it end, or run out of memory?';

function connect(url, onEvent) {
  const { hostname, port, pathname } = new URL(url);
  const socket = net.connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
  const waiting = new Map();
  let nextId = 1;
  let open = false;
  let pieces = [];
  let buffered = 0;
  let message = [];

  let closed = false;

  const gone = () => {
    closed = true;
    for (const { reject } of waiting.values()) {
      reject(new Error(lostWords));
    }
    waiting.clear();
  };
  socket.on('close', gone);
  const lost = new Promise((_, reject) => socket.on('close', () => reject(new Error(lostWords))));
  lost.catch(() => {});

  function frame(opcode, payload) {
    const length = payload.length;
    const head = length < 126 ? Buffer.from([0x80 | opcode, 0x80 | length]) : Buffer.alloc(length < 65536 ? 4 : 10);
    if (length >= 126) {
      head[0] = 0x80 | opcode;
      head[1] = 0x80 | (length < 65536 ? 126 : 127);
      if (length < 65536) head.writeUInt16BE(length, 2);
      else head.writeUInt32BE(length, 6);
    }
    const mask = crypto.randomBytes(4);
    const masked = Buffer.from(payload);
    for (let at = 0; at < length; at += 1) masked[at] ^= mask[at & 3];
    socket.write(Buffer.concat([head, mask, masked]));
  }

  function onFrame(first, payload) {
    const opcode = first & 15;
    if (opcode === 9) return frame(10, payload);
    if (opcode === 8) return socket.end();
    if (opcode > 2) return undefined;
    message.push(payload);
    if (!(first & 0x80)) return undefined;
    const parsed = JSON.parse(Buffer.concat(message).toString('utf8'));
    message = [];
    if (parsed.id === undefined) return onEvent(parsed);
    const { resolve, reject } = waiting.get(parsed.id) || {};
    waiting.delete(parsed.id);
    if (!resolve) return undefined;
    return parsed.error ? reject(new Error(parsed.error.message)) : resolve(parsed.result);
  }

  function joined() {
    if (pieces.length > 1) pieces = [Buffer.concat(pieces)];
    return pieces[0] || Buffer.alloc(0);
  }

  function drop(bytes) {
    pieces = [joined().slice(bytes)];
    buffered -= bytes;
  }

  // How many bytes the next frame needs, header included, as far as its header is there.
  function frameSize() {
    if (buffered < 2) return { needed: 2 };
    const data = buffered < 10 || pieces[0].length < 10 ? joined() : pieces[0];
    const short = data[1] & 127;
    const header = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (buffered < header) return { needed: header };
    const length = short === 126 ? data.readUInt16BE(2) : short === 127 ? data.readUInt32BE(2) * 4294967296 + data.readUInt32BE(6) : short;
    return { needed: header + length, header };
  }

  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('connect', () => {
      socket.write(
        'GET ' + pathname + ' HTTP/1.1\r\nHost: ' + hostname + ':' + port +
          '\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ' +
          crypto.randomBytes(16).toString('base64') + '\r\n\r\n'
      );
    });
    socket.on('data', (chunk) => {
      pieces.push(chunk);
      buffered += chunk.length;
      if (!open) {
        const end = joined().indexOf('\r\n\r\n');
        if (end < 0) return;
        const status = joined().slice(0, end).toString().split('\r\n')[0];
        if (!/ 101 /.test(status)) return reject(new Error('the inspector refused the connection: ' + status));
        open = true;
        drop(end + 4);
        resolve({
          call: ({ method, params }) =>
            new Promise((done, failed) => {
              if (closed) return failed(new Error(lostWords));
              const id = nextId++;
              waiting.set(id, { resolve: done, reject: failed });
              frame(1, Buffer.from(JSON.stringify({ id, method, params: params || {} })));
            }),
          lost,
          end: () => socket.destroy(),
        });
      }
      try {
        for (;;) {
          const { needed, header } = frameSize();
          if (header === undefined || buffered < needed) return;
          const data = joined();
          onFrame(data[0], data.slice(header, needed));
          drop(needed);
        }
      } catch (error) {
        socket.destroy(error);
      }
    });
  });
}

let current;
let isLeaving = false;

/** Not waited for long: a process in the middle of a snapshot answers when it is done. */
function leave() {
  if (isLeaving) return;
  isLeaving = true;
  const exit = () => process.exit(143);
  setTimeout(exit, current ? 400 : 800);
  closeAtOnce().then(exit, exit);
}

async function closeAtOnce() {
  let url;
  while (!current && (url = await inspectorUrl(job.address)) === undefined) await wait(20);
  const session = current || (await connect(url, () => {}));
  await session.call(job.close);
}

async function throughInspector({ address, mount, work, whoAreYou }) {
  let url = await inspectorUrl(address);
  const opened = url === undefined;
  const where = address.host + ':' + address.port;
  if (opened) {
    if (job.isOpen) fail('what listens on ' + where + ' does not answer as an inspector does');
    // Before the signal: whoever ends us in the next moment must not leave the inspector open.
    process.on('SIGTERM', leave);
    process.kill(pid, 'SIGUSR1');
    for (let turn = 0; turn < 100 && url === undefined; turn += 1) {
      await wait(100);
      url = await inspectorUrl(address);
    }
    if (url === undefined) fail('pid ' + pid + ' got SIGUSR1 but opened no inspector on ' + where + ' in 10 s: it may have a handler of its own for it');
  }
  const target = fs.openSync(file, 'wx', 0o600);
  const session = await connect(url, ({ method, params }) => {
    if (method === 'HeapProfiler.addHeapSnapshotChunk') fs.writeSync(target, params.chunk);
  });
  current = session;
  try {
    const { result } = await session.call(whoAreYou);
    const [theirs, theirMount] = result.value || [];
    if (theirs !== pid || (mount && theirMount && mount !== theirMount)) {
      fail('the inspector on ' + where + ' belongs to another process (pid ' + theirs + '), not to pid ' + pid);
    }
    if (opened) await session.call(job.closeLater);
    for (const call of work.begin) await session.call(call);
    if (work.waitMs) await Promise.race([wait(work.waitMs), session.lost]);
    if (work.end) {
      const { profile } = await session.call(work.end);
      fs.writeSync(target, JSON.stringify(profile));
    }
  } finally {
    fs.closeSync(target);
    if (opened) await close(session, address);
    session.end();
  }
}

async function close(session, address) {
  try {
    await session.call(job.close);
  } catch (error) {
    return;
  }
  session.end();
  for (let turn = 0; turn < 50; turn += 1) {
    await wait(100);
    if ((await inspectorUrl(address)) === undefined) return;
  }
  process.stdout.write('inspector-left-open ' + address.port + '\n');
}

async function throughSignal({ signal, folders }) {
  const list = () =>
    folders.reduce((all, folder) => {
      try {
        return all.concat(fs.readdirSync(folder).filter((name) => name.endsWith('.heapsnapshot')).map((name) => path.join(folder, name)));
      } catch (error) {
        return all;
      }
    }, []);
  const before = list();
  process.kill(pid, signal);
  let made;
  for (let turn = 0; turn < 100 && !made; turn += 1) {
    await wait(100);
    made = list().filter((name) => before.indexOf(name) < 0)[0];
  }
  if (!made) fail('pid ' + pid + ' got ' + signal + ' but began no snapshot in ' + folders.join(' or ') + ' in 10 s');
  while (isOpen(made)) await wait(200);
  try {
    fs.renameSync(made, file);
  } catch (error) {
    fs.copyFileSync(made, file);
    fs.unlinkSync(made);
  }
}

function isOpen(name) {
  try {
    process.kill(pid, 0);
    const folder = '/proc/' + pid + '/fd';
    return fs.readdirSync(folder).some((fd) => {
      try {
        return fs.readlinkSync(folder + '/' + fd) === name;
      } catch (error) {
        return false;
      }
    });
  } catch (error) {
    return false;
  }
}

const ended = job.signal ? throughSignal(job) : throughInspector(job);
ended.then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(error.message + '\n');
    process.exit(1);
  }
);
`;

/** What the program is told; all of it JSON. */
export interface ProgramJob {
  readonly pid: number;
  /** Where the artifact is to be. */
  readonly file: string;
  readonly address: InspectorAddress;
  readonly isOpen: boolean;
  readonly mount: string;
  readonly work: InspectorWork;
  readonly whoAreYou: InspectorCall;
  readonly close: InspectorCall;
  /** Should this program be killed. */
  readonly closeLater: InspectorCall;
  /** Instead of the inspector: the signal on which Node writes a snapshot to one of these folders. */
  readonly signal?: string;
  readonly folders?: readonly string[];
}
