import type { Container, ResourceFieldSelector } from 'kubernetes-types/core/v1.js';
import { milliValue } from '../../machinery/codec/quantity.ts';

/** What a node can give to Pods, by resource: `status.allocatable`. */
export type Allocatable = Readonly<Record<string, string>>;

/**
 * A container's own limit or request as the downward API shows it: whole units of the divisor,
 * rounded up. A limit that is not set is all the node can give.
 */
export function resourceField(
  { resource, divisor }: Pick<ResourceFieldSelector, 'resource' | 'divisor'>,
  { container, allocatable }: { readonly container: Container; readonly allocatable: Allocatable },
): string {
  const [kind, name = ''] = resource.split('.');
  const { limits, requests } = container.resources ?? {};
  const value =
    kind === 'limits'
      ? (limits?.[name] ?? allocatable[name])
      : (requests?.[name] ?? limits?.[name]);
  const unit = milliValue(divisor ?? '1') || 1000;
  return `${Math.ceil((milliValue(value ?? '0') ?? 0) / unit)}`;
}
