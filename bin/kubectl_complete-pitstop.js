#!/usr/bin/env node
// KEP-2379: kubectl calls this with the words after `kubectl pitstop`, the last still being typed.
process.argv.splice(2, 0, '__complete');
void import('./kubectl-pitstop.js');
