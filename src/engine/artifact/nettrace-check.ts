import { truncated, type FormatCheck } from './format-check.ts';

/** .NET's FastSerialization stream begins with its name, after its length. */
const serialization = Buffer.concat([Buffer.of(20, 0, 0, 0), Buffer.from('!FastSerialization.1')]);

export function isGcdump(head: Buffer): boolean {
  return head.subarray(0, serialization.length).equals(serialization);
}

export function isNettrace(head: Buffer): boolean {
  return head.toString('latin1', 0, 8) === 'Nettrace' && isGcdump(head.subarray(8));
}

/** EventPipe's NetTrace format, version 4: a null reference, one byte 1, is where its objects end. */
export function createNettraceCheck(): FormatCheck {
  let last = -1;
  let sizeBytes = 0;
  return {
    write(chunk) {
      last = chunk.at(-1) ?? last;
      sizeBytes += chunk.length;
    },
    end() {
      if (last !== 1) throw truncated('nettrace', 'it ends without its end mark', sizeBytes);
    },
    findings: () => ({ facts: [], tables: [] }),
  };
}
