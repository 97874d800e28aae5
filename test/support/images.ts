/**
 * What the tests' sleeping containers run. Any image with a shell, `cat` and `sleep` will do; the
 * embedded cluster runs the machine's own programs whatever its name.
 */
export const sleeperImage = process.env['PITSTOP_E2E_IMAGE'] ?? 'busybox:1.36';
