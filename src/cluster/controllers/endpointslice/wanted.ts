import type { Endpoint } from 'kubernetes-types/discovery/v1.js';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { endpointKey, type Listing } from './endpoint.ts';

export interface Claimed {
  readonly endpoint: Endpoint;
  /** The stored endpoint says the same already. */
  readonly isEqual: boolean;
}

/** The endpoints that have to be listed somewhere; each is claimed by the slice that lists it already. */
export class Wanted {
  readonly #unclaimed: Set<Listing>;
  #byKey: ReadonlyMap<string, Listing> | undefined;

  constructor(listings: Iterable<Listing>) {
    this.#unclaimed = new Set(listings);
  }

  /** What the stored endpoint should be; `undefined` when it is not wanted, or claimed by another slice. */
  claim(stored: Endpoint): Claimed | undefined {
    const known = lastEqual.get(stored);
    if (known && this.#unclaimed.delete(known)) return { endpoint: known.endpoint, isEqual: true };
    this.#byKey ??= new Map([...this.#unclaimed].map((listing) => [listing.key, listing]));
    const listing = this.#byKey.get(endpointKey(stored));
    if (!listing || !this.#unclaimed.delete(listing)) return undefined;
    const isEqual = isSemanticallyEqual(stored, listing.endpoint);
    if (isEqual) lastEqual.set(stored, listing);
    return { endpoint: listing.endpoint, isEqual };
  }

  /** What no slice lists yet. */
  rest(): Endpoint[] {
    return [...this.#unclaimed].map(({ endpoint }) => endpoint);
  }
}

/**
 * What a stored endpoint was last found to be equal to. Neither of the two ever changes, and with
 * thousands of endpoints comparing them again would be most of the work.
 */
const lastEqual = new WeakMap<Endpoint, Listing>();
