#!/usr/bin/env node
// Plain ES2015 until the version is known: an older Node must be able to read this file and say so.
var major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    'error: kubectl-pitstop needs Node.js 24 or newer, this is ' +
      process.version +
      '\n' +
      'Run it on Node 24 without installing anything else:\n' +
      '  npx --yes -p node@24 -p kubectl-pitstop kubectl-pitstop ' +
      process.argv.slice(2).join(' ') +
      '\n',
  );
  process.exit(2);
}
void import('node:module').then(function (module) {
  module.enableCompileCache();
  return import('../dist/cli.js');
});
