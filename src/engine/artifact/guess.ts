/** First bytes of what pitstop does not look into, as latin1. */
const magics: readonly (readonly [magic: string, title: string])[] = [
  ['PK\u0003\u0004', 'ZIP archive (or JAR)'],
  ['\u00ca\u00fe\u00ba\u00be', 'Java class, or Mach-O'],
  ['\u00fd7zXZ\0', 'xz file'],
  ['BZh', 'bzip2 file'],
  ['\u0004"M\u0018', 'LZ4 frame'],
  ['\u007fELF', 'ELF file'],
  ['MDMP', 'minidump of Windows'],
  ['SQLite format 3\0', 'SQLite database'],
  ['\u0089PNG\r\n', 'PNG image'],
  ['%PDF-', 'PDF document'],
  ['{', 'perhaps JSON'],
  ['<?xml', 'XML document'],
];

/** What content may be, by its first bytes alone. */
export function guess(head: Buffer): string {
  if (head.length === 0) return 'empty';
  const text = head.toString('latin1');
  const known = magics.find(([magic]) => text.startsWith(magic));
  if (known) return known[1];
  return isText(head) ? 'text' : 'unknown binary data';
}

/** UTF-8 with no control characters but white space; a character may be cut at the end. */
function isText(head: Buffer): boolean {
  for (const byte of head) {
    if (byte === 0x7f || (byte < 0x20 && byte !== 0x1b && (byte < 0x09 || byte > 0x0d)))
      return false;
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
