import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import type { KubeObject } from '../api.ts';
import { type Labels, labelSelectorMatcher } from '../store/index.ts';
import type { Index, Informer } from './informer.ts';

/** Finds the objects that a selector selects; walks only those that carry its rarest label. */
export class LabelIndex<T extends KubeObject> {
  readonly #byLabel: Index<T>;
  readonly #byNamespace: Index<T>;

  constructor(informer: Informer<T>) {
    this.#byLabel = informer.index(({ metadata }) =>
      Object.entries(metadata?.labels ?? {}).map(([key, value]) =>
        labelKey(metadata?.namespace, key, value),
      ),
    );
    this.#byNamespace = informer.index(({ metadata }) => [metadata?.namespace ?? '']);
  }

  inNamespace(namespace: string): Iterable<T> {
    return this.#byNamespace.get(namespace);
  }

  select(namespace: string, selector: LabelSelector | undefined): T[] {
    if (!selector) return [];
    const candidates = [...this.#candidates(namespace, selector)];
    const { matchLabels = {}, matchExpressions = [] } = selector;
    // The index has answered it all: the usual case, and the one with thousands of Pods.
    if (Object.keys(matchLabels).length === 1 && matchExpressions.length === 0) return candidates;
    const matches = labelSelectorMatcher(selector);
    return candidates.filter(({ metadata }) => matches(metadata?.labels));
  }

  #candidates(namespace: string, { matchLabels }: LabelSelector): Iterable<T> {
    const [rarest] = Object.entries(matchLabels ?? {})
      .map(([key, value]) => labelKey(namespace, key, value))
      .sort((a, b) => this.#byLabel.count(a) - this.#byLabel.count(b));
    return rarest === undefined ? this.#byNamespace.get(namespace) : this.#byLabel.get(rarest);
  }
}

/** The other way round: finds the objects (Services, ReplicaSets, …) whose selector selects given labels. */
export class SelectorIndex<T extends KubeObject> {
  readonly #byFirstLabel: Index<T>;
  readonly #selectorOf: (object: T) => LabelSelector | undefined;

  constructor(informer: Informer<T>, selectorOf: (object: T) => LabelSelector | undefined) {
    this.#selectorOf = selectorOf;
    this.#byFirstLabel = informer.index((object) => {
      const selector = selectorOf(object);
      if (!selector) return [];
      const [first] = Object.entries(selector.matchLabels ?? {});
      return [first ? labelKey(object.metadata?.namespace, ...first) : anyKey(object)];
    });
  }

  selecting(namespace: string, labels: Labels | undefined): T[] {
    const keys = Object.entries(labels ?? {}).map(([key, value]) =>
      labelKey(namespace, key, value),
    );
    return [anyKey({ metadata: { namespace } }), ...keys]
      .flatMap((key) => [...this.#byFirstLabel.get(key)])
      .filter((object) => labelSelectorMatcher(this.#selectorOf(object))(labels));
  }
}

function labelKey(namespace: string | undefined, key: string, value: string): string {
  return `${namespace}\0${key}=${value}`;
}

/** Where selectors stand that name no label to look up: `{}` and those made of expressions. */
function anyKey({ metadata }: KubeObject): string {
  return `${metadata?.namespace}\0`;
}
