/** How upstream's controllers sign what they write. */
export const FIELD_MANAGER = 'kube-controller-manager';
