// A scripted editor for `kubectl edit endpoints`: takes one address out of the file.
//   KUBE_EDITOR="node drop-address.mjs 10.244.1.11" kubectl edit endpoints my-svc
import { readFileSync, writeFileSync } from 'node:fs';

const [address, file] = process.argv.slice(2);
const kept = [];
// Indentation of the list item that is being left out; everything deeper belongs to it.
let dropped = Infinity;
for (const line of readFileSync(file, 'utf8').split('\n')) {
  const indentation = line.search(/\S/);
  if (indentation <= dropped) dropped = Infinity;
  if (line.trim() === `- ip: ${address}`) dropped = indentation;
  if (dropped === Infinity) kept.push(line);
}
writeFileSync(file, kept.join('\n'));
