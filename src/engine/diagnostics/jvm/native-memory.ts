import { flag, oneOf } from '../word-options.ts';
import { pid } from './options.ts';
import { textDiagnostic } from './text-diagnostic.ts';

/** What the JVM itself has allocated outside its heap. */
export const jvmNativeMemory = textDiagnostic({
  name: 'jvm-native-memory',
  summary:
    'native memory of a JVM by purpose (text), where it was started with -XX:NativeMemoryTracking=summary',
  extension: '.native-memory.txt',
  options: { detail: flag, scale: oneOf('KB', 'MB', 'GB'), pid },
  commands: ({ detail, scale = 'KB' }) => [
    `VM.native_memory ${detail ? 'detail' : 'summary'} scale=${scale}`,
  ],
  obstacle: ({ process: { pid: which }, nativeMemory, release }, { detail }) => {
    if (nativeMemory === 'summary' && detail) {
      return `the JVM (pid ${which}) tracks a summary of its native memory, and no details: those it can only be started with (-XX:NativeMemoryTracking=detail)`;
    }
    if (nativeMemory !== 'off') return undefined;
    const where = (release ?? 0) >= 17 ? 'in JAVA_TOOL_OPTIONS, say' : 'on its command line';
    return `the JVM (pid ${which}) does not track its native memory: it can only be started with -XX:NativeMemoryTracking=summary (${where}; 5 to 10 % slower)`;
  },
  message: 'the JVM sums up its native memory',
  failure: 'tells nothing of its native memory',
  mark: '^Total: ',
});
