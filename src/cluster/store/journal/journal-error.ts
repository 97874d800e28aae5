/** The journal cannot be read or written; the message names the file, and the line where there is one. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}
