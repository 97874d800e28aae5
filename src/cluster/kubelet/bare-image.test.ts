import { describe, it } from 'vitest';
import { hasNamespaces } from '../network/index.ts';
import { levelsHere, TestNode } from './test-node.ts';
import { SLEEP, box } from './test-pods.ts';

const PROGRAM = `
const fs = require('fs');
fs.writeFileSync('/tmp/mine', process.getuid() + ' ' + process.pid);
setInterval(() => {}, 1000);`;

describe.each(levelsHere)('at level $title', ({ level, refusal }) => {
  describe.skipIf(refusal !== undefined || !hasNamespaces(level))(
    'an image of nothing but its own files',
    () => {
      const node = TestNode.use(level);
      const security = level === 'namespaces' ? { runAsUser: 1234, runAsGroup: 1234 } : {};
      const uid = level === 'namespaces' ? 1234 : 0;

      it('has no shell, and what joins its processes sees its files', async ({ expect }) => {
        await node.setImage('bare:1', {
          command: ['/nodejs/bin/node', '-e', PROGRAM],
          files: [{ source: process.execPath, target: '/nodejs/bin/node', readOnly: true }],
          bare: true,
        });
        await node.run('bare', {
          containers: [{ name: 'app', image: 'bare:1', securityContext: security }],
        });
        await node.ready('bare');

        const refused = async (...command: string[]) =>
          (await node.exec('bare', command)).status?.message;
        // As containerd and runc say it.
        expect(await refused('sh', '-c', 'true')).toMatch(
          /OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file not found in \$PATH$/,
        );
        expect(await refused('/bin/cat', '/etc/hosts')).toContain(
          'exec: "/bin/cat": stat /bin/cat: no such file or directory',
        );
        // Nothing stays open of how it was started.
        const open = await node.exec('bare', [
          '/nodejs/bin/node',
          '-p',
          "const fs = require('fs'); fs.readdirSync('/proc/self/fd').map((fd) => { try { return fs.readlinkSync('/proc/self/fd/' + fd) } catch { return '' } }).filter((path) => path.startsWith('/') && !path.startsWith('/dev') && !path.startsWith('/proc')).join()",
        ]);
        expect(open.stdout.toString()).toBe('\n');

        const debug = {
          name: 'debug',
          image: 'busybox',
          command: SLEEP,
          targetContainerName: 'app',
          // Root's files open only to whoever has all of its capabilities.
          securityContext: uid === 0 ? {} : { ...security, capabilities: { drop: ['ALL'] } },
        };
        await node.request('/api/v1/namespaces/default/pods/bare/ephemeralcontainers', {
          method: 'PATCH',
          type: 'application/strategic-merge-patch+json',
          body: { spec: { ephemeralContainers: [debug] } },
        });
        await node.until(
          'bare',
          ({ status }) => status?.ephemeralContainerStatuses?.[0]?.state?.running !== undefined,
        );
        const seen = await node.shell(
          'bare',
          'cat /proc/1/root/tmp/mine; echo x >/proc/1/root/tmp/ours; echo; ls /proc/1/root /proc/1/root/tmp | tr "\\n" " "',
          'debug',
        );
        expect(seen).toMatch(
          new RegExp(
            `^${uid} 1\\n/proc/1/root: dev etc home lib( lib64)? nodejs proc run sys tmp .*mine ours`,
          ),
        );
      });

      it('is read-only where that is asked for, and ends like any other', async ({ expect }) => {
        await node.setImage('bare:2', {
          command: [
            '/node',
            '-e',
            "try { require('fs').writeFileSync('/tmp/x', '') } catch (error) { console.log(error.code) }",
          ],
          files: [{ source: process.execPath, target: '/node', readOnly: true }],
          bare: true,
        });
        await node.run('fixed', {
          restartPolicy: 'Never',
          containers: [
            { name: 'app', image: 'bare:2', securityContext: { readOnlyRootFilesystem: true } },
            box(['true']),
          ],
        });
        await node.until('fixed', ({ status }) => status?.phase === 'Succeeded');
        expect(await node.log('fixed', 'container=app')).toBe('EROFS\n');
      });
    },
  );
});
