import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends every run with one line that any machine can read: `N passed, N failed, N skipped`, and before
 * it a line `failed: …` for each thing that failed, which a long log would otherwise bury.
 */
export default class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const failures = unhandledErrors.map((error) => `outside any test: ${firstLine(error)}`);
    for (const module of modules) {
      const place = module.relativeModuleId;
      // A file that does not even load fails without having run a test.
      for (const error of module.errors()) failures.push(`${place}: ${firstLine(error)}`);
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) {
          failures.push(`${place} > ${suite.fullName}: ${firstLine(error)}`);
        }
      }
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        if (state === 'failed' || state === 'pending') {
          failures.push(`${place} > ${test.fullName}: ${firstLine(errors?.[0] ?? state)}`);
        } else {
          counts[state] += 1;
        }
      }
    }
    process.once('exit', () => {
      for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
      const { passed, skipped } = counts;
      process.stdout.write(`${passed} passed, ${failures.length} failed, ${skipped} skipped\n`);
    });
  }
}

function firstLine(error: unknown): string {
  const { message } = error as { readonly message?: string };
  return (message ?? String(error)).split('\n', 1)[0] ?? '';
}
