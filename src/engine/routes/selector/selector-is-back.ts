import { PitstopError } from '../../errors.ts';
import type { ServiceKey } from './picture.ts';

/** The controllers list the Pod again as soon as they see a selector. */
export function selectorIsBack({ namespace, name }: ServiceKey): PitstopError {
  return new PitstopError(
    'drift',
    `service ${namespace}/${name} has its selector again: somebody else put it back`,
    {
      hint: `kubectl get service ${name} -n ${namespace} -o yaml --show-managed-fields tells who wrote last`,
    },
  );
}
