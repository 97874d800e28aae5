const registry = 'registry.k8s.io';

/** The images of Kubernetes' own end-to-end tests, by the names they have there. */
export const images = {
  agnhost: `${registry}/e2e-test-images/agnhost:2.63.0`,
  busybox: `${registry}/e2e-test-images/busybox:1.37.0-1`,
  httpd: `${registry}/e2e-test-images/httpd:2.4.38-4`,
  httpdNew: `${registry}/e2e-test-images/httpd:2.4.39-4`,
  nginx: `${registry}/e2e-test-images/nginx:1.14-4`,
  nginxNew: `${registry}/e2e-test-images/nginx:1.15-4`,
  pause: `${registry}/pause:3.10.1`,
} as const;
