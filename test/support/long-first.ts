import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Runs the files of these names first, in this order, so that no run ends with a long one alone.
 * The others follow by path: a run is the same each time.
 */
export function longFirst(names: readonly string[]): typeof BaseSequencer {
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const rank = ({ moduleId }: TestSpecification) => {
        const index = names.findIndex((name) => moduleId.endsWith(name));
        return index < 0 ? names.length : index;
      };
      const paths = files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
      return paths.toSorted((a, b) => rank(a) - rank(b));
    }
  };
}
