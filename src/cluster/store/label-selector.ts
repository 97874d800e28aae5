import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import { badSelector } from './selector-error.ts';

export type Labels = Readonly<Record<string, string>>;

type Operator = 'exists' | '!' | 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** A `labelSelector` query as a predicate; throws ApiError 400 in the API server's words. */
export function parseLabelSelector(text: string): (labels: Labels | undefined) => boolean {
  const requirements = new Parser(text).parse();
  return (labels) => requirements.every((requirement) => meets(requirement, labels ?? {}));
}

/** A LabelSelector object as a predicate. As upstream: `undefined` selects nothing, `{}` everything. */
export function labelSelectorMatcher(
  selector: LabelSelector | undefined,
): (labels: Labels | undefined) => boolean {
  if (!selector) return () => false;
  const requirements: Requirement[] = [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
      key,
      operator: '=' as const,
      values: [value],
    })),
    ...(selector.matchExpressions ?? []).map(({ key, operator, values }) => ({
      key,
      operator: EXPRESSION_OPERATORS[operator] ?? '=',
      values: values ?? [],
    })),
  ];
  return (labels) => requirements.every((requirement) => meets(requirement, labels ?? {}));
}

/** A LabelSelector object as a query string, as Scale's `status.selector` has it. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(
    ([key, value]) => `${key}=${value}`,
  );
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator.toLowerCase()} (${(values ?? []).toSorted().join(',')})`;
  });
  return [...labels, ...expressions].sort().join(',');
}

const EXPRESSION_OPERATORS: Readonly<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

// oxlint-disable-next-line typescript/consistent-return -- the switch is exhaustive
function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    // A missing label is also "not in": kubectl's documented behaviour of != and notin.
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'gt':
      return value !== undefined && Number.parseInt(value, 10) > Number(values[0]);
    case 'lt':
      return value !== undefined && Number.parseInt(value, 10) < Number(values[0]);
  }
}

type Token =
  | { readonly kind: 'identifier' | 'symbol'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '' };

const TOKENS = /\s*(?:(==|!=|[=!(),<>])|([^\s=!(),<>]+))/y;
const BINARY_OPERATORS = ['in', 'notin', '=', '==', '!=', 'gt', 'lt'];

/** Recursive descent over `a=b,c!=d,e in (f,g),!h`; `in` and `notin` are words only where an operator stands. */
class Parser {
  readonly #tokens: Token[];
  #position = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    if (this.#peek().kind === 'end') return requirements;
    for (;;) {
      const first = this.#peek();
      if (first.kind !== 'identifier' && first.text !== '!') {
        throw badSelector(`found '${first.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const separator = this.#next();
      if (separator.kind === 'end') return requirements;
      if (separator.text !== ',') {
        throw badSelector(`found '${separator.text}', expected: ',' or 'end of string'`);
      }
      const after = this.#peek();
      if (after.kind !== 'identifier' && after.text !== '!') {
        throw badSelector(`found '${after.text}', expected: identifier after ','`);
      }
    }
  }

  #requirement(): Requirement {
    const isNegated = this.#peek().text === '!';
    if (isNegated) this.#next();
    const key = this.#next();
    if (key.kind !== 'identifier') throw unparsable(`found '${key.text}', expected: identifier`);
    checkKey(key.text);
    const following = this.#peek();
    if (following.kind === 'end' || following.text === ',') {
      return { key: key.text, operator: isNegated ? '!' : 'exists', values: [] };
    }
    const operator = this.#operator();
    const values =
      operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()];
    for (const value of values) checkValue(value, key.text);
    return { key: key.text, operator, values };
  }

  #operator(): Operator {
    const { text } = this.#next();
    if (text === '>') return 'gt';
    if (text === '<') return 'lt';
    if (!BINARY_OPERATORS.includes(text)) {
      throw unparsable(`found '${text}', expected: ${BINARY_OPERATORS.join(', ')}`);
    }
    return text as Operator;
  }

  #values(): string[] {
    const open = this.#next();
    if (open.text !== '(') throw unparsable(`found '${open.text}' expected: '('`);
    const values: string[] = [];
    for (;;) {
      const token = this.#next();
      if (token.kind === 'identifier') {
        values.push(token.text);
        const after = this.#next();
        if (after.text === ')') return values;
        if (after.text !== ',') throw unparsable(`found '${after.text}', expected: ',' or ')'`);
      } else if (token.text === ')') {
        return [...values, ''];
      } else if (token.text === ',') {
        values.push('');
      } else {
        throw unparsable(`found '${token.text}', expected: ',', ')' or identifier`);
      }
    }
  }

  #exactValue(): string {
    const token = this.#peek();
    if (token.kind === 'end' || token.text === ',') return '';
    this.#next();
    if (token.kind !== 'identifier')
      throw unparsable(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? { kind: 'end', text: '' };
  }

  #next(): Token {
    const token = this.#peek();
    this.#position++;
    return token;
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKENS.lastIndex = 0;
  for (let match = TOKENS.exec(text); match; match = TOKENS.exec(text)) {
    const [, symbol, word] = match;
    tokens.push(
      symbol ? { kind: 'symbol', text: symbol } : { kind: 'identifier', text: word as string },
    );
  }
  return tokens;
}

function unparsable(message: string): Error {
  return badSelector(`unable to parse requirement: ${message}`);
}

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

function checkKey(key: string): void {
  const slash = key.lastIndexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  if (NAME.test(key.slice(slash + 1)) && (prefix === undefined || PREFIX.test(prefix))) return;
  throw unparsable(
    `key: Invalid value: ${JSON.stringify(key)}: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  );
}

function checkValue(value: string, key: string): void {
  if (value === '' || NAME.test(value)) return;
  throw unparsable(
    `values[0][${key}]: Invalid value: ${JSON.stringify(value)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
  );
}
