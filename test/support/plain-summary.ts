import type { Reporter, TestModule } from 'vitest/node';

/** Ends every run with one line that any machine can read: `N passed, N failed, N skipped`. */
export default class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      // A file that does not even load fails without having run a test.
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
    }
    const { passed, failed, skipped, pending } = counts;
    process.once('exit', () => {
      process.stdout.write(`${passed} passed, ${failed + pending} failed, ${skipped} skipped\n`);
    });
  }
}
