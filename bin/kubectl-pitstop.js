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
      process.argv.slice(2).map(quote).join(' ') +
      '\n',
  );
  process.exit(2);
}

// A cache of the user's own: Node's default is in the shared temporary directory, where others could
// have put code for us to run.
var env = process.env;
var home = env.XDG_CACHE_HOME || (env.HOME && env.HOME + '/.cache');
var cache = env.NODE_COMPILE_CACHE || (home && home + '/kubectl-pitstop');
void import('node:module').then(function (module) {
  if (cache) module.enableCompileCache(cache);
  return import('../dist/cli.js');
});

function quote(word) {
  return /^[\w./:=@,+-]+$/.test(word) ? word : "'" + word.replace(/'/g, "'\\''") + "'";
}
