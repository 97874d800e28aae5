import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What only waits, and for minutes: it begins first, so that the run does not end with it alone. */
const long = ['api-machinery/chunking.test.ts', 'node/probes.test.ts'];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      long.some((name) => moduleId.endsWith(name)) ? 0 : 1;
    const paths = files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
    return paths.toSorted((a, b) => rank(a) - rank(b));
  }
}
