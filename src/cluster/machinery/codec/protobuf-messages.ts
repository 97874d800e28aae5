import { protobufFieldsText } from './protobuf-fields.generated.ts';

/** One field on the wire: `{ name: 'ports', code: '[]V1ContainerPort' }`; an inline message has no name. */
interface ProtobufField {
  readonly name: string;
  readonly code: string;
}

export interface ProtobufMessage {
  readonly fields: ReadonlyMap<number, ProtobufField>;
  /** Names of single fields that are no pointers in Go. */
  readonly valueFields: ReadonlySet<string>;
}

/** The wire format of a message, `undefined` when the table does not have it. */
export function protobufMessage(model: string): ProtobufMessage | undefined {
  let message = messages.get(model);
  if (message) return message;
  linesByModel ??= indexLines();
  const line = linesByModel.get(model);
  if (line === undefined) return undefined;
  message = parse(line);
  messages.set(model, message);
  return message;
}

const messages = new Map<string, ProtobufMessage>();
let linesByModel: ReadonlyMap<string, string> | undefined;

function indexLines(): ReadonlyMap<string, string> {
  return new Map(
    protobufFieldsText
      .trim()
      .split('\n')
      .map((line) => {
        const [model = ''] = line.split(' ', 1);
        return [model, line.slice(model.length + 1)] as const;
      }),
  );
}

function parse(line: string): ProtobufMessage {
  const fields = new Map<number, ProtobufField>();
  const valueFields = new Set<string>();
  for (const entry of line.split(' ')) {
    const match = /^(\d+)=([^:]*):([^*]+)(\*?)$/.exec(entry);
    if (!match) continue;
    const [, number = '', name = '', code = '', pointer = ''] = match;
    fields.set(Number(number), { name, code });
    if (name === '') {
      for (const inner of protobufMessage(code)?.valueFields ?? []) valueFields.add(inner);
    } else if (pointer === '' && !code.startsWith('[]') && !code.startsWith('{}')) {
      valueFields.add(name);
    }
  }
  return { fields, valueFields };
}
