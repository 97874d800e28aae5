// Writes src/cluster/machinery/openapi/descriptions.generated.ts: what `kubectl explain` says about
// the kinds in scope and their fields. The texts are Kubernetes' API documentation (The Kubernetes
// Authors, Apache-2.0), as the models of @kubernetes/client-node carry it.
//   node scripts/generate-descriptions.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

import { schemaText } from '../src/cluster/machinery/schema/schema.generated.ts';

const models = new URL('../node_modules/@kubernetes/client-node/dist/gen/models/', import.meta.url);
const target = new URL(
  '../src/cluster/machinery/openapi/descriptions.generated.ts',
  import.meta.url,
);

/** By field; that of the type itself under ''. */
function descriptionsOf(model: string): Record<string, string> {
  const source = readFileSync(new URL(`${model}.d.ts`, models), 'utf8');
  const texts: Record<string, string> = {};
  for (const [, comment = '', field = ''] of source.matchAll(
    /\/\*\*\n\s*\* ([^\n]*)\n\s*\*\/\n\s*(?:export declare class \w+|'([^']+)'\??:)/g,
  )) {
    texts[field] = plain(comment);
  }
  return texts;
}

// The generator of the models has put a space in the place of every line break.
function plain(comment: string): string {
  return comment
    .replaceAll(/\\(['"])/g, '$1')
    .replaceAll(/ {2}(?=[-*] )/g, '\n ')
    .replaceAll('  ', '\n\n')
    .trim();
}

const all: Record<string, Record<string, string>> = {};
for (const line of schemaText.trim().split('\n')) {
  const [model = ''] = line.split(' ', 1);
  all[model] = descriptionsOf(model);
}
const text = JSON.stringify(all);
const packed = brotliCompressSync(text, {
  params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
}).toString('base64');
writeFileSync(
  target,
  `// Written by scripts/generate-descriptions.ts; do not edit.
/*! Kubernetes' API documentation, Copyright The Kubernetes Authors, licensed under the Apache License 2.0; brotli, base64 */
export const packedDescriptions =\n  '${packed}';\n`,
);
process.stdout.write(`${text.length} characters, packed ${packed.length}\n`);
