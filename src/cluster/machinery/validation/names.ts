// Each check returns what is wrong with a value in upstream's words; nothing = it is fine.

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedNamePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const configKey = /^[-._a-zA-Z0-9]+$/;

/** RFC 1123 label: names of Services, Namespaces, containers. */
export function labelName(value: string): string[] {
  return [
    ...atMost(value, 63),
    ...matching(value, label, {
      rule: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
      examples: ['my-name', '123-abc'],
    }),
  ];
}

/** RFC 1123 subdomain: names of most other things. */
export function subdomainName(value: string): string[] {
  return [
    ...atMost(value, 253),
    ...matching(value, subdomain, {
      rule: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
      examples: ['example.com'],
    }),
  ];
}

/** Names that only have to fit into a URL's path. */
export function pathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%']
    .filter((character) => value.includes(character))
    .map((character) => `may not contain '${character}'`);
}

/** Keys of labels and annotations, names of finalizers: `[prefix/]name`. */
export function qualifiedName(value: string): string[] {
  const parts = value.split('/');
  const [prefix, name] = parts.length === 1 ? [undefined, value] : [parts[0] ?? '', parts[1] ?? ''];
  if (parts.length > 2) {
    return matching(value, /^$/, {
      rule: `a qualified name ${alphanumeric}`,
      examples: ['MyName', 'my.name', '123-abc'],
      shown: qualifiedNamePart,
    }).map(
      (message) =>
        `${message} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    );
  }
  const errors: string[] = [];
  if (prefix === '') errors.push('prefix part must be non-empty');
  else if (prefix !== undefined) {
    errors.push(...subdomainName(prefix).map((message) => `prefix part ${message}`));
  }
  if (name === '') errors.push('name part must be non-empty');
  else errors.push(...atMost(name, 63).map((message) => `name part ${message}`));
  errors.push(
    ...matching(name, qualifiedNamePart, {
      rule: `name part ${alphanumeric}`,
      examples: ['MyName', 'my.name', '123-abc'],
    }),
  );
  return errors;
}

const alphanumeric =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

export function labelValueText(value: string): string[] {
  return [
    ...atMost(value, 63),
    ...matching(value, labelValue, {
      rule: "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      examples: ['MyValue', 'my_value', '12345'],
    }),
  ];
}

/** Keys of ConfigMaps and Secrets. */
export function configMapKey(value: string): string[] {
  const errors = [
    ...atMost(value, 253),
    ...matching(value, configKey, {
      rule: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
      examples: ['key.name', 'KEY_NAME', 'key-name'],
    }),
  ];
  if (value === '.') errors.push("must not be '.'");
  if (value === '..') errors.push("must not be '..'");
  else if (value.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}

/** IANA service names, as ports are called. */
export function portName(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 15) errors.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) {
    errors.push('must not begin or end with a hyphen');
  }
  return errors;
}

export function portNumber(value: number): string[] {
  return value >= 1 && value <= 65_535 ? [] : ['must be between 1 and 65535, inclusive'];
}

export function httpHeaderName(value: string): string[] {
  return matching(value, /^[-A-Za-z0-9]+$/, {
    rule: "a valid HTTP header must consist of alphanumeric characters or '-'",
    examples: ['X-Header-Name'],
  });
}

export function environmentName(value: string): string[] {
  const rule =
    "a valid environment variable name must consist only of printable ASCII characters other than '='";
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(value) ? [] : [rule];
}

/** A uid or gid of Linux. */
export function userId(value: number): string[] {
  return value >= 0 && value <= 2_147_483_647
    ? []
    : ['must be between 0 and 2147483647, inclusive'];
}

export const nonNegative = 'must be greater than or equal to 0';

function atMost(value: string, bytes: number): string[] {
  return Buffer.byteLength(value) > bytes ? [`must be no more than ${bytes} bytes`] : [];
}

function matching(
  value: string,
  pattern: RegExp,
  { rule, examples, shown = pattern }: { rule: string; examples: string[]; shown?: RegExp },
): string[] {
  if (pattern.test(value)) return [];
  const list = examples.map((example) => `'${example}'`).join(',  or ');
  const expression = shown.source.slice(1, -1);
  return [`${rule} (e.g. ${list}, regex used for validation is '${expression}')`];
}
