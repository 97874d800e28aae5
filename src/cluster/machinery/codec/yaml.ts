import { parseDocument, type ScalarTag, type Tags } from 'yaml';

export interface StrictYaml {
  readonly value: unknown;
  /** `line 3: key "name" already set in map`. */
  readonly duplicates: readonly string[];
}

/** YAML as Kubernetes reads it: 1.1 words for true and false, times stay text. Throws with upstream's `yaml: line N: …`. */
export function parseKubernetesYaml(text: string): StrictYaml {
  const document = parseDocument(text, {
    version: '1.1',
    customTags: (tags) => [...tags.filter((tag) => !replaced.has(tagName(tag))), yes, no],
    uniqueKeys: true,
    prettyErrors: true,
    merge: true,
    // JSON has no others.
    stringKeys: true,
  });
  const duplicates: string[] = [];
  for (const error of document.errors) {
    const line = error.linePos?.[0].line ?? 1;
    if (error.code === 'DUPLICATE_KEY') {
      const key = /^\s*["']?([^"':]+)["']?\s*:/.exec(text.slice(error.pos[0]))?.[1] ?? '';
      duplicates.push(`line ${line}: key ${JSON.stringify(key)} already set in map`);
    } else {
      const [sentence = error.message] = error.message.split(' at line');
      throw new Error(`yaml: line ${line}: ${sentence}`);
    }
  }
  return { value: document.toJS() as unknown, duplicates };
}

// Go's yaml takes yes, no, on and off for booleans, unlike YAML 1.1 not y and n; a time is text.
const replaced = new Set(['tag:yaml.org,2002:bool', 'tag:yaml.org,2002:timestamp']);
const yes = booleanTag(true, /^(?:true|True|TRUE|yes|Yes|YES|on|On|ON)$/);
const no = booleanTag(false, /^(?:false|False|FALSE|no|No|NO|off|Off|OFF)$/);

function booleanTag(value: boolean, test: RegExp): ScalarTag {
  return { tag: 'tag:yaml.org,2002:bool', default: true, test, resolve: () => value };
}

function tagName(tag: Tags[number]): string {
  return typeof tag === 'string' ? tag : tag.tag;
}
