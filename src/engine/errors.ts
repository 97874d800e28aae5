/** Every way pitstop fails, in one table; docs/reference/errors.md lists the same codes. */
export const errorCodes = {
  'pod-not-found': 'The named Pod does not exist.',
  'target-not-found': 'The named workload or Service does not exist, or has no Pod to stop.',
  'container-not-found': 'The named container does not exist in the Pod, or is not running.',
  interlock:
    'A condition refuses the pit stop; the message names it and the flag that overrides it.',
  'no-route': 'No way was found to take the Pod out of every Service that sends it traffic.',
  conflict: 'The Pod changed between the plan and the write; nothing was written.',
  'isolation-unproven': 'The Pod was relabelled, but some EndpointSlice still lists it.',
  'service-emptied':
    'While the Pod left, the other ready endpoints of a Service went away; the Pod is put back.',
  'max-out':
    'As many Pods of the workload or Service are out as --max-out allows; nothing was done to this one.',
  'drain-timeout': 'Connections of Service traffic stayed open longer than the drain timeout.',
  'drain-hook':
    'A drain hook (--drain-hook, --drain-undo) is not understood, or failed in the Pod.',
  'debug-container':
    'An ephemeral container that the session needs cannot be added to the Pod, or does not do its work.',
  drift: 'Somebody or something else put the Pod back, or changed it, during the session.',
  'pod-gone': 'The Pod was deleted or replaced during the session.',
  'container-restarted':
    'The container restarted during the diagnostic; what it had written may be lost.',
  'diagnostic-unavailable': 'No diagnostic (or not the one asked for) works in this container.',
  'diagnostic-option': 'A word after -- is none of the options that the diagnostic takes.',
  'diagnostics-file': 'A file of user-defined diagnostics cannot be read, or is not as it must be.',
  'diagnostic-failed': 'The diagnostic ran and failed.',
  'diagnostic-timeout': 'The diagnostic did not finish in time.',
  'collect-failed': 'The artifact could not be brought home whole; what arrived is kept as .part.',
  'artifact-corrupt': 'The artifact arrived as it was on the Pod, but it is not well-formed.',
  'file-unreadable': 'A local file that was to be looked into cannot be read.',
  'output-unusable': 'The artifact cannot be written where it was asked to be.',
  'restore-failed': 'The Pod could not be proven back in service.',
  'no-replacement':
    'The replacement was to be kept, but the route that takes the Pod out starts none.',
  'prepare-refused':
    'The workload cannot be prepared by pitstop itself; the message says why, and what can be done.',
  'prepare-failed':
    'A preparation was begun and did not come to its end; the same command goes on from there.',
  'no-session': 'The Pod carries no undo record: there is nothing to restore.',
  'record-unreadable': 'The undo record on the Pod cannot be read.',
  interrupted: 'The session was interrupted.',
  cluster: 'The cluster or the way to it refused or failed.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

export class PitstopError extends Error {
  override readonly name = 'PitstopError';
  readonly code: ErrorCode;
  /** The next command to type, or the next thing to do. */
  readonly hint: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
