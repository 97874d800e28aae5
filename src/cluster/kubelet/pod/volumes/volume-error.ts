/** A volume cannot be had (yet): event `FailedMount`, and the Pod waits. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}
