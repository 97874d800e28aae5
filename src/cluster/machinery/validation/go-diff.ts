import { protobufMessage } from '../codec/protobuf-messages.ts';
import { isObject } from '../json-value.ts';

/** A unified diff, without file headers, of two values printed as Go prints its internal structs. */
export function goDiff(model: string, before: unknown, after: unknown): string {
  return unifiedDiff(goLines(model, before), goLines(model, after));
}

function goLines(model: string, value: unknown): string[] {
  return JSON.stringify(goStruct(model, value), undefined, 1).split('\n');
}

// Internal structs have no JSON names and no omitempty: every field in order, unset or not.
function goStruct(model: string, value: unknown): Record<string, unknown> {
  const object = isObject(value) ? value : {};
  const printed: Record<string, unknown> = {};
  const message = protobufMessage(model);
  for (const { name, code } of message?.fields.values() ?? []) {
    if (name === '') Object.assign(printed, goStruct(code, object));
    else {
      const isValue = message?.valueFields.has(name) ?? false;
      printed[goFieldName(name)] = goValue(code, object[name], isValue);
    }
    const later = laterFields[`${model}.${name}`];
    if (later !== undefined) printed[goFieldName(later)] = object[later] ?? null;
  }
  return printed;
}

// Fields younger than the table of messages, by the field they stand behind.
const laterFields: Readonly<Record<string, string>> = {
  'V1Container.restartPolicy': 'restartPolicyRules',
  'V1EnvVarSource.secretKeyRef': 'fileKeyRef',
  'V1VolumeProjection.clusterTrustBundle': 'podCertificate',
};

function goValue(code: string, value: unknown, isValue: boolean): unknown {
  if (code.startsWith('[]')) {
    return Array.isArray(value) ? value.map((item) => goValue(code.slice(2), item, true)) : null;
  }
  if (code.startsWith('{}')) return value ?? null;
  if (/^[A-Z]/.test(code)) {
    return value === undefined && !isValue ? null : goStruct(code, value);
  }
  return value ?? (isValue ? zeros[code] : null);
}

const zeros: Readonly<Record<string, unknown>> = {
  s: '',
  b: false,
  i: 0,
  l: 0,
  d: 0,
  q: '0',
  x: 0,
  t: null,
  m: null,
};

const initialisms: Readonly<Record<string, string>> = {
  dns: 'DNS',
  host: 'Host',
  http: 'HTTP',
  tcp: 'TCP',
  ip: 'IP',
  tty: 'TTY',
  grpc: 'GRPC',
};

function goFieldName(name: string): string {
  const [word = ''] = /^[a-z]+/.exec(name) ?? [];
  const head = initialisms[word] ?? `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  return head + name.slice(word.length);
}

const context = 3;

function unifiedDiff(before: readonly string[], after: readonly string[]): string {
  const edits = editScript(before, after);
  let text = '';
  for (let at = 0; at < edits.length; at += 1) {
    if (edits[at]?.mark === ' ') continue;
    const start = Math.max(0, at - context);
    let end = at;
    for (let ahead = at; ahead < edits.length && ahead <= end + 2 * context; ahead += 1) {
      if (edits[ahead]?.mark !== ' ') end = ahead;
    }
    const hunk = edits.slice(start, end + context + 1);
    const linesBefore = hunk.filter(({ mark }) => mark !== '+').length;
    const linesAfter = hunk.filter(({ mark }) => mark !== '-').length;
    const first = hunk[0];
    text += `@@ -${first?.before},${linesBefore} +${first?.after},${linesAfter} @@\n`;
    for (const { mark, line } of hunk) text += `${mark}${line}\n`;
    at = end;
  }
  return text;
}

interface Edit {
  readonly mark: ' ' | '-' | '+';
  readonly line: string;
  /** Line numbers, from 1, on either side. */
  readonly before: number;
  readonly after: number;
}

/** Longest common subsequence, between the lines that both ends share anyway. */
function editScript(before: readonly string[], after: readonly string[]): Edit[] {
  const lengths = Array.from(
    { length: before.length + 1 },
    () => new Uint32Array(after.length + 1),
  );
  for (let b = before.length - 1; b >= 0; b -= 1) {
    for (let a = after.length - 1; a >= 0; a -= 1) {
      const row = lengths[b];
      if (!row) continue;
      row[a] =
        before[b] === after[a]
          ? (lengths[b + 1]?.[a + 1] ?? 0) + 1
          : Math.max(lengths[b + 1]?.[a] ?? 0, row[a + 1] ?? 0);
    }
  }
  const edits: Edit[] = [];
  let b = 0;
  let a = 0;
  while (b < before.length || a < after.length) {
    const place = { before: b + 1, after: a + 1 };
    const isRemoval = (lengths[b + 1]?.[a] ?? -1) >= (lengths[b]?.[a + 1] ?? 0);
    if (b < before.length && before[b] === after[a]) {
      edits.push({ mark: ' ', line: before[b] ?? '', ...place });
      b += 1;
      a += 1;
    } else if (b < before.length && (a >= after.length || isRemoval)) {
      edits.push({ mark: '-', line: before[b] ?? '', ...place });
      b += 1;
    } else {
      edits.push({ mark: '+', line: after[a] ?? '', ...place });
      a += 1;
    }
  }
  return edits;
}
