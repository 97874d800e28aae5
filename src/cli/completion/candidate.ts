/** One word that may stand where the cursor is. */
export interface Candidate {
  readonly word: string;
  readonly description?: string | undefined;
}

/** What the shell does besides: cobra's ShellCompDirective, whose bits add up. */
export const directives = {
  files: 0,
  noSpace: 2,
  noFiles: 4,
} as const;

export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly directive: number;
}

/** Cobra's protocol: a line a candidate, its description after a tab; the directive comes last. */
export function renderCompletion({ candidates, directive }: Completion): string {
  const lines = candidates.map(({ word, description }) =>
    description ? `${word}\t${description}` : word,
  );
  return [...lines, `:${directive}`].map((line) => `${line}\n`).join('');
}
