import { PitstopError } from '../errors.ts';

/** What is said of a Pod that exists no more, or whose name another one bears now. */
export function podGone(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  how = 'was deleted during the session',
): PitstopError {
  return new PitstopError('pod-gone', `pod ${namespace}/${name} ${how}`, {
    hint: `kubectl get events -n ${namespace} --field-selector involvedObject.name=${name}`,
  });
}
