/** The kinds of dumps, as the runtime numbers them. */
const dumpTypes = { mini: 1, heap: 2, triage: 3, full: 4 } as const;
export type DumpType = keyof typeof dumpTypes;

// dotnet/diagnostics, design-docs/ipc-protocol.md: 14 bytes of magic, then size, set, id and two
// reserved bytes; all of it little-endian.
const magic = Buffer.from('DOTNET_IPC_V1\0', 'latin1');
const headerBytes = 20;
const server = { set: 0xff, ok: 0x00 } as const;

/** The request `CreateCoreDump` (0x0101): the runtime writes its dump to `path` by `createdump`. */
export function createCoreDump(path: string, type: DumpType): Buffer {
  const name = Buffer.from(`${path}\0`, 'utf16le');
  const payload = Buffer.alloc(4 + name.length + 8);
  payload.writeUInt32LE(name.length / 2, 0);
  name.copy(payload, 4);
  payload.writeUInt32LE(dumpTypes[type], 4 + name.length);
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt16LE(headerBytes + payload.length, magic.length);
  header.writeUInt8(0x01, 16);
  header.writeUInt8(0x01, 17);
  return Buffer.concat([header, payload]);
}

// What a runtime answers where it does not do what it is asked (ipc-protocol.md, "Errors").
const errors: Readonly<Record<number, string>> = {
  0x8013_1384: 'it does not understand the message',
  0x8013_1385: 'it does not know the command',
  0x8013_1386: 'it does not know the version of the protocol',
  0x8000_4005: 'createdump failed; what it said is in the log of the container',
  0x8013_1515: 'it does not support dumps here',
};

/** Why the answer is no success; undefined when it is one. */
export function readReply(reply: Buffer): string | undefined {
  if (reply.length === 0) return 'the runtime closed the connection without an answer';
  if (reply.length < headerBytes || !reply.subarray(0, magic.length).equals(magic)) {
    return `the runtime's answer is none of its protocol: ${reply.subarray(0, 32).toString('hex')}`;
  }
  const isServer = reply[16] === server.set;
  const code = reply.length >= headerBytes + 4 ? reply.readUInt32LE(headerBytes) : undefined;
  if (isServer && reply[17] === server.ok && (code ?? 0) === 0) return undefined;
  const said = code === undefined ? 'no reason given' : `0x${code.toString(16).padStart(8, '0')}`;
  const known = code === undefined ? undefined : errors[code];
  return `the runtime made no dump: ${known === undefined ? said : `${known} (${said})`}`;
}
