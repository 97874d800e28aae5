import { stringify } from 'yaml';

const JSON_TYPES = new Set(['application/json', 'application/*', '*/*']);

/** Whether YAML stands before JSON in the client's Accept header. */
export function asksForYaml(accept: string | undefined): boolean {
  for (const choice of (accept ?? '').split(',')) {
    const mediaType = choice.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    if (mediaType === 'application/yaml') return true;
    if (JSON_TYPES.has(mediaType)) return false;
  }
  return false;
}

/** The JSON document as upstream's YAML: sorted keys, nothing folded, `"yes"` in quotes. */
export function yamlOf(json: string): string {
  return stringify(JSON.parse(json), {
    version: '1.1',
    sortMapEntries: true,
    lineWidth: 0,
    indentSeq: false,
    aliasDuplicateObjects: false,
  });
}
