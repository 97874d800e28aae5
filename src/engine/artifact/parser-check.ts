import { truncated, type FormatCheck } from './format-check.ts';
import type { Findings } from './findings.ts';

/** What a parser asks for next. */
export type Need =
  /** So many bytes, all of them. */
  | { readonly take: number }
  /** So many bytes without consuming them; fewer where the content ends. */
  | { readonly peek: number }
  /** One byte or more, up to so many. */
  | { readonly some: number }
  | { readonly skip: number };

/** Yields needs and gets the bytes (none for `skip`); what it gets is good until it yields again. */
export type Parser = Generator<Need, void, Buffer>;

interface ParserOptions {
  /** For messages: `not a whole NAME: …`. */
  readonly format: string;
  /** `position` answers the offset of the first byte that has not been consumed. */
  readonly parse: (position: () => number) => Parser;
  readonly findings: (top: number) => Findings;
}

const none = Buffer.alloc(0);

/**
 * A check whose format is read by a generator that asks for bytes as it needs them, however they are
 * cut into chunks. Content that ends within a need is truncated; what follows its end is not looked at.
 */
export function createParserCheck({ format, parse, findings }: ParserOptions): FormatCheck {
  let data: Buffer = none;
  let at = 0;
  let base = 0;
  const parser = parse(() => base + at);
  let need: Need | undefined;
  let isBegun = false;
  let skipped = 0;

  function go(bytes: Buffer): void {
    const next = parser.next(bytes);
    need = next.done === true ? undefined : next.value;
    skipped = 0;
  }

  /** Serves the need if the data suffices. */
  function serve(wanted: Need, isEnd: boolean): boolean {
    const left = data.length - at;
    if ('skip' in wanted) {
      const now = Math.min(left, wanted.skip - skipped);
      at += now;
      skipped += now;
      if (skipped < wanted.skip) return false;
      go(none);
      return true;
    }
    if ('peek' in wanted) {
      if (left < wanted.peek && !isEnd) return false;
      go(data.subarray(at, at + wanted.peek));
      return true;
    }
    const size = 'take' in wanted ? wanted.take : Math.min(left, wanted.some);
    if (left < size || ('some' in wanted && size === 0)) return false;
    at += size;
    go(data.subarray(at - size, at));
    return true;
  }

  function serveAll(isEnd: boolean): void {
    for (;;) if (!need || !serve(need, isEnd)) return;
  }

  function begin(): void {
    if (isBegun) return;
    isBegun = true;
    go(none);
  }

  return {
    write(chunk) {
      begin();
      data = data.length > at ? Buffer.concat([data.subarray(at), chunk]) : chunk;
      base += at;
      at = 0;
      serveAll(false);
      // The chunk's memory is the caller's again.
      const rest = need ? Buffer.from(data.subarray(at)) : none;
      base += need ? at : data.length;
      data = rest;
      at = 0;
    },
    end() {
      begin();
      serveAll(true);
      if (need) throw truncated(format, 'it ends too early,', base + data.length);
    },
    findings,
  };
}
