import { expect, test } from 'vitest';
import { readFacts } from './find-jvm.ts';
import { nativeMemoryOf, refusesAttaching } from './start-options.ts';

const started = (...argv: string[]) => ({ argv: ['java', ...argv, 'App'] });
const summary = '-XX:NativeMemoryTracking=summary';

test.each([
  // As JDK 8, 11, 17 and 21 answered.
  ['8', 'JAVA_TOOL_OPTIONS', 'off'],
  ['8', 'JDK_JAVA_OPTIONS', 'off'],
  ['11', 'JDK_JAVA_OPTIONS', 'summary'],
  ['11', 'JAVA_TOOL_OPTIONS', 'off'],
  ['14', 'JAVA_TOOL_OPTIONS', undefined],
  ['17', 'JAVA_TOOL_OPTIONS', 'summary'],
  ['21', 'JAVA_TOOL_OPTIONS', 'summary'],
  ['21', '_JAVA_OPTIONS', 'summary'],
  ['?', 'JAVA_TOOL_OPTIONS', undefined],
])('Java %s reads of %s: %s', (release, name, tracking) => {
  const facts = readFacts(`release\t${release}\n${name}\t${summary}\n`);
  expect(nativeMemoryOf(started(), facts)).toBe(tracking);
});

test('of two words the later counts, and a file of arguments hides its own', () => {
  const facts = readFacts(`release\t21\nJAVA_TOOL_OPTIONS\t${summary}\n`);
  expect(nativeMemoryOf(started('-XX:NativeMemoryTracking=detail'), facts)).toBe('detail');
  expect(nativeMemoryOf(started('-XX:NativeMemoryTracking=off'), facts)).toBe('off');
  expect(nativeMemoryOf(started('@options'), readFacts('release\t21'))).toBeUndefined();
});

test('attaching that was forbidden may have been allowed again', () => {
  const forbidden = readFacts('JAVA_TOOL_OPTIONS\t-XX:+DisableAttachMechanism\n');
  expect(refusesAttaching(started(), forbidden)).toBe(true);
  expect(refusesAttaching(started('-XX:-DisableAttachMechanism'), forbidden)).toBe(false);
});
