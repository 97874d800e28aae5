/**
 * Rehearsed damage, off unless asked for: the ways in which exec is known to end short on real
 * clusters. `success`: a truncated stdout followed by status Success; `silent`: the connection
 * closes without any status.
 */
export interface ExecFault {
  /** Bytes of stdout that still go through. */
  readonly cutAtByte: number;
  readonly ending: 'success' | 'silent';
}

export interface StreamFaults {
  /** Asked once for each exec; undefined leaves it alone. */
  exec?(command: readonly string[]): ExecFault | undefined;
}
