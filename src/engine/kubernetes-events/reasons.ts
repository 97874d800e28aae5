/** Every reason that pitstop gives on a Kubernetes Event; docs/reference/events.md lists the same. */
export const eventReasons = {
  PitstopStarted:
    'A session begins: its route and diagnostic, or that it restores from the record.',
  PitstopPodOut: 'The isolating write was acknowledged; from here a crash is for `restore`.',
  PitstopIsolated: 'No EndpointSlice lists the Pod as taking traffic, and no new connection comes.',
  PitstopDrained: 'The connections of Service traffic have ended, or as many as were waited for.',
  PitstopDiagnosed: 'The diagnostic or command has run.',
  PitstopCollected: 'The artifact is home; its size and the beginning of its SHA-256.',
  PitstopRestored: 'The Pod is proven back in its Services.',
  PitstopFinished: 'The session came to a good end.',
  PitstopStepFailed: 'A step failed; the session goes on to restore the Pod.',
  PitstopFailed:
    'The session failed; the note says why, and whether the Pod could not be put back.',
  PitstopInterrupted: 'The session was interrupted, and the Pod put back.',
  PitstopWarning: 'Something that a person should know, and that did not end the session.',
} as const;

export type EventReason = keyof typeof eventReasons;
