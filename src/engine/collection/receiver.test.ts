import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Receiver, RangeMismatch, WholeMismatch, type Sink } from './receiver.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const rangeBytes = 100;

function memorySink(): Sink & { bytes: Buffer } {
  return {
    bytes: Buffer.alloc(0),
    canRewind: true,
    async write(chunk) {
      this.bytes = Buffer.concat([this.bytes, chunk]);
    },
    async rewind(position) {
      this.bytes = this.bytes.subarray(0, position);
    },
    async recall(limit, take) {
      await take(this.bytes.subarray(0, limit));
    },
  };
}

test('where the whole disagrees, the first range that does comes again', async () => {
  const content = randomBytes(350);
  const wrong = Buffer.from(content);
  wrong[220]! ^= 1;
  const sink = memorySink();
  const receiver = new Receiver({
    sizeBytes: content.length,
    rangeBytes,
    sink,
    proof: 'whole',
    onVerified: async () => {},
  });
  await receiver.take(wrong);
  expect(receiver.isComplete).toBe(false);
  await expect(receiver.hearWhole(sha256(content))).rejects.toThrow(WholeMismatch);

  await receiver.proveByRange();
  expect(receiver.position).toBe(content.length);
  const range = (at: number) => content.subarray(at * rangeBytes, (at + 1) * rangeBytes);
  await receiver.hear(0, sha256(range(0)));
  await receiver.hear(1, sha256(range(1)));
  await expect(receiver.hear(2, sha256(range(2)))).rejects.toThrow(RangeMismatch);
  await receiver.rewind();
  expect(receiver.position).toBe(200);
  await receiver.take(content.subarray(200));
  await receiver.hear(2, sha256(range(2)));
  await receiver.hear(3, sha256(range(3)));
  expect(receiver.isComplete).toBe(true);
  expect(sink.bytes.equals(content)).toBe(true);
  expect(receiver.digest()).toBe(sha256(content));
});
