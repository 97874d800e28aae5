import { readFileSync } from 'node:fs';
import { say } from './listen-address.ts';

/** The search domains of /etc/resolv.conf, separated by commas. */
export function dnsSuffix(): void {
  say(resolverWords('search').join(','));
}

/** The name servers of /etc/resolv.conf, separated by commas. */
export function dnsServerList(): void {
  say(resolverWords('nameserver').join(','));
}

export function etcHosts(): void {
  process.stdout.write(readFileSync('/etc/hosts', 'utf8'));
}

function resolverWords(key: string): string[] {
  return readFileSync('/etc/resolv.conf', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([first]) => first === key)
    .flatMap(([, ...words]) => words);
}
