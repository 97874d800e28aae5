import { parseApiVersion } from '../group-version-kind.ts';
import { kindsInScope } from '../schema/kinds.ts';

/**
 * The OpenAPI v2 document in protobuf (gnostic's openapi_v2.Document), as kubectl ≤ 1.28 insists on:
 * one PATCH operation a kind with the parameters kubectl looks for, and no definitions, so that it
 * merges by its own types.
 */
export function openApiV2Protobuf(version: string): Buffer {
  const paths = kindsInScope.map(({ apiVersion, kind }) => {
    const { group, version } = parseApiVersion(apiVersion);
    const gvk = `{"group":"${group}","version":"${version}","kind":"${kind}"}`;
    // NamedAny { name = 1, value = 2: Any { yaml = 2 } }
    const extension = [text(1, 'x-kubernetes-group-version-kind'), message(2, [text(2, gvk)])];
    // Operation { parameters = 8, vendor_extension = 13 }
    const patch = [...queryParameters, message(13, extension)];
    // NamedPathItem { name = 1, value = 2: PathItem { patch = 8 } }
    return message(2, [
      text(1, `/apis/${apiVersion}/${kind.toLowerCase()}/{name}`),
      message(2, [message(8, patch)]),
    ]);
  });
  // Document { swagger = 1, info = 2: Info { title = 1, version = 2 }, paths = 8: Paths { path = 2 } }
  return Buffer.concat([
    text(1, '2.0'),
    message(2, [text(1, 'Kubernetes'), text(2, `v${version}`)]),
    message(8, paths),
  ]);
}

// ParametersItem { parameter = 1: Parameter { non_body_parameter = 2: NonBodyParameter {
//   query_parameter_sub_schema = 3: { in = 2, name = 4, type = 6 } } } }
const queryParameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) =>
  message(8, [
    message(1, [message(2, [message(3, [text(2, 'query'), text(4, name), text(6, 'string')])])]),
  ]),
);

function message(field: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

function text(field: number, value: string): Buffer {
  return message(field, [Buffer.from(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}
