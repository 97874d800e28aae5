/** All that depends on the Kubernetes version the cluster answers as. */
export interface KubernetesVersion {
  /** `1.36.2`, as `/version` says it behind a `v`. */
  readonly text: string;
  /** KEP-4974: since 1.33 every answer about Endpoints warns. */
  readonly warnsOfEndpoints: boolean;
  /** Since 1.33 the endpoints controller labels what it keeps. */
  readonly labelsEndpoints: boolean;
  /** Since 1.35 a WebSocket to a Pod needs the verb `create` beside `get`. */
  readonly createsStreams: boolean;
  /** KEP-3157: since 1.32 a watch may begin with what there is. */
  readonly streamsLists: boolean;
}

const NEWEST = '1.36.2';
const FIRST_MINOR = 27;

/** `1.31` or `1.31.4`; the newest when none is given. Throws RangeError for versions that kubectl of our time does not speak to. */
export function kubernetesVersion(text = NEWEST): KubernetesVersion {
  const [, minorText = '', patch = '.0'] = /^v?1\.(\d+)(\.\d+)?$/.exec(text) ?? [];
  const minor = Number(minorText);
  const newest = Number(NEWEST.split('.')[1]);
  if (minorText === '' || minor < FIRST_MINOR || minor > newest) {
    throw new RangeError(
      `Kubernetes version ${JSON.stringify(text)}: give one from 1.${FIRST_MINOR} to 1.${newest}`,
    );
  }
  return {
    text: minor === newest && patch === '.0' ? NEWEST : `1.${minor}${patch}`,
    warnsOfEndpoints: minor >= 33,
    labelsEndpoints: minor >= 33,
    createsStreams: minor >= 35,
    streamsLists: minor >= 32,
  };
}
