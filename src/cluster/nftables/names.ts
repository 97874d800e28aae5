export const table = 'ip pitstop';

/** The sets every Service has elements in; those that count keep their elements over changes. */
export const shared = {
  services: 'services',
  refused: 'refused',
  targets: 'targets',
  loops: 'loops',
  udpZones: 'udp-zones',
  opened: 'opened',
  toEndpoint: 'to-endpoint',
  fromEndpoint: 'from-endpoint',
} as const;
