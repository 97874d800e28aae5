import { flag } from '../word-options.ts';
import { pid } from './options.ts';
import { textDiagnostic } from './text-diagnostic.ts';

/** Values of what is named like a secret, in `-Dname=value` and in `name=value` lines. */
const maskSecrets =
  's/([A-Za-z0-9_.-]*([Pp]ass(word|wd|phrase)?|PASS(WORD|WD)?|[Ss]ecret|SECRET|[Tt]oken|TOKEN|[Cc]redential|CREDENTIAL|[Kk]ey|KEY)[A-Za-z0-9_.-]*=)[^ ]+/\\1…/g';

/** What a JVM is, how it was started and how its heap is filled, in one text. */
export const jvmInfo = textDiagnostic({
  name: 'jvm-info',
  summary:
    'version, uptime, flags, command line and heap of a JVM (text); values named like a secret are masked, and properties left out unless -properties is given',
  extension: '.jvm-info.txt',
  options: { properties: flag, pid },
  // GC.heap_info came with 9: it stands last, so that its refusal costs nothing else.
  commands: ({ properties }) => [
    'VM.version',
    'VM.uptime',
    'VM.command_line',
    'VM.flags',
    ...(properties ? ['VM.system_properties'] : []),
    'GC.heap_info',
  ],
  message: 'the JVM tells about itself',
  failure: 'tells nothing of itself',
  mark: '^JDK |^VM Arguments',
  partial: true,
  edit: maskSecrets,
});
