import { expect, test } from 'vitest';
import { createCoreDump, readReply } from './ipc.ts';

const magic = Buffer.from('DOTNET_IPC_V1\0').toString('hex');

const reply = (set: number, id: number, code?: number) => {
  const message = Buffer.alloc(code === undefined ? 20 : 24);
  Buffer.from('DOTNET_IPC_V1\0').copy(message);
  message.writeUInt16LE(message.length, 14);
  message[16] = set;
  message[17] = id;
  if (code !== undefined) message.writeUInt32LE(code, 20);
  return message;
};

test('a request for a dump is what the protocol says, byte for byte', () => {
  // Size 42 (20 + 4 + 2 × 5 + 8), set 1, id 1, two reserved; five characters, "/tmp" and NUL in UTF-16;
  // type 2 (with heap), no log.
  const wanted = [magic, '2a0001010000', '050000002f0074006d0070000000', '0200000000000000'];
  expect(createCoreDump('/tmp', 'heap').toString('hex')).toBe(wanted.join(''));
  expect(createCoreDump('/tmp', 'full').readUInt32LE(34)).toBe(4);
});

test('an answer is a success, or says why it is none', () => {
  expect(readReply(reply(0xff, 0x00, 0))).toBeUndefined();
  expect(readReply(reply(0xff, 0x00))).toBeUndefined();
  expect(readReply(reply(0xff, 0x00, 0x80004005))).toContain('createdump failed');
  expect(readReply(reply(0xff, 0xff, 0x80131385))).toBe(
    'the runtime made no dump: it does not know the command (0x80131385)',
  );
  expect(readReply(reply(0xff, 0xff, 0x12345678))).toContain('0x12345678');
  expect(readReply(reply(0xff, 0xff))).toContain('no reason given');
  expect(readReply(Buffer.alloc(0))).toContain('closed the connection');
  expect(readReply(Buffer.from('HTTP/1.1 400 Bad Request'))).toContain('none of its protocol');
});
