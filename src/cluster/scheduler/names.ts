export const SCHEDULER_NAME = 'default-scheduler';
export const FIELD_MANAGER = 'kube-scheduler';
