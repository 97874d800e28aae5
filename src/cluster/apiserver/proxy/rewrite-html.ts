/** Attributes that hold a URL, by element: HTML 4.01's index of attributes and HTML's own. */
const URL_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['formaction', 'src', 'usemap'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  track: ['src'],
  video: ['poster', 'src'],
};

/** What stands in these is text, whatever it looks like. */
const RAW_TEXT = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'noembed', 'noframes']);

/** Longer than any tag: what has no end by then is passed on as it is. */
const MAX_HELD = 1024 * 1024;

/** A page, chunk by chunk, with `rewrite` applied to every URL in its tags; all else is left as it is. */
export async function* rewriteHtml(
  page: AsyncIterable<Buffer>,
  rewrite: (url: string) => string,
): AsyncGenerator<Buffer> {
  const state = { held: '', rawUntil: '' };
  // Byte for byte: only ASCII is looked at.
  for await (const chunk of page) {
    state.held += chunk.toString('latin1');
    const done = take(state, rewrite);
    if (done !== '') yield Buffer.from(done, 'latin1');
  }
  if (state.held !== '') yield Buffer.from(state.held, 'latin1');
}

function take(state: { held: string; rawUntil: string }, rewrite: (url: string) => string): string {
  const { held } = state;
  let done = '';
  let at = 0;
  for (;;) {
    const open = held.indexOf('<', at);
    const end = open < 0 ? -1 : endOfMarkup(held, open, state.rawUntil);
    if (end < 0) {
      const isTooLong = open >= 0 && held.length - open > MAX_HELD;
      const keepFrom = open < 0 || isTooLong ? held.length : open;
      state.held = held.slice(keepFrom);
      return done + held.slice(at, keepFrom);
    }
    const markup = held.slice(open, end);
    done += held.slice(at, open);
    at = end;
    const name = /^<\/?([a-z][a-z0-9]*)/i.exec(markup)?.[1]?.toLowerCase() ?? '';
    const isEnd = markup.startsWith('</');
    if (state.rawUntil !== '') {
      if (isEnd && name === state.rawUntil) state.rawUntil = '';
      done += markup;
    } else {
      done += isEnd || name === '' ? markup : rewriteTag(markup, { name, rewrite });
      if (!isEnd && RAW_TEXT.has(name)) state.rawUntil = name;
    }
  }
}

/** Behind the tag, comment or stray `<` that begins at `open`; -1 when its end has not come yet. */
function endOfMarkup(text: string, open: number, rawUntil: string): number {
  if (text.length < open + 4) return text.endsWith('>') ? text.length : -1;
  if (text.startsWith('<!--', open)) return behind(text, '-->', open + 4);
  if (
    rawUntil !== '' ? !text.startsWith('</', open) : !/^<[a-z/!?]/i.test(text.slice(open, open + 2))
  )
    return open + 1;
  let quote = '';
  for (let at = open + 1; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (quote === '' && letter === '>') return at + 1;
    if (quote === '' && (letter === '"' || letter === "'") && text[at - 1] === '=') quote = letter;
    else if (letter === quote) quote = '';
  }
  return -1;
}

function behind(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  return at < 0 ? -1 : at + end.length;
}

function rewriteTag(
  tag: string,
  { name, rewrite }: { readonly name: string; readonly rewrite: (url: string) => string },
): string {
  const wanted = URL_ATTRIBUTES[name];
  if (!wanted) return tag;
  return tag.replaceAll(
    /([\s"'/])([a-z]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)/gi,
    (all: string, before: string, attribute: string, equals: string, value: string) => {
      if (!wanted.includes(attribute.toLowerCase())) return all;
      const quote = /^["']/.test(value) ? value.charAt(0) : '';
      const url = quote === '' ? value : value.slice(1, -1);
      return `${before}${attribute}${equals}${quote || '"'}${rewrite(url)}${quote || '"'}`;
    },
  );
}
