import { table } from './names.ts';

export interface BaseOptions {
  readonly serviceCidr: string;
  /** The source of what must come back through this node, whoever sent it. */
  readonly ownAddress: string;
}

/** The bit of a packet's mark that says: send it as if it came from here. */
const MASQUERADE = '0x4000';

/** What a service's external traffic passes so that its answers come back through here. */
export const masquerade = `meta mark set meta mark or ${MASQUERADE}`;

/**
 * The rules that do not depend on any Service, after kube-proxy's nftables mode (KEP-3866). A
 * connection's mark is the number of the endpoint it goes to: chosen by the chain of the Service
 * port, looked up once to translate the address, and for each packet to count its bytes.
 */
export function baseRules({ serviceCidr, ownAddress }: BaseOptions): string {
  return `
add table ${table}
delete table ${table}
table ${table} {
  map services { type ipv4_addr . inet_proto . inet_service : verdict; }
  map refused { type ipv4_addr . inet_proto . inet_service : verdict; }
  map targets { type mark : ipv4_addr . inet_service; }
  set loops { type mark . ipv4_addr; }
  map udp-zones { typeof ip daddr . udp dport : ct zone; }
  set opened { type mark; counter; }
  set to-endpoint { type mark; counter; }
  set from-endpoint { type mark; counter; }

  chain translate {
    ct mark @opened
    meta l4proto { tcp, udp } dnat ip addr . port to ct mark map @targets
  }
  chain dispatch { ip daddr . meta l4proto . th dport vmap @services; }
  chain nat-prerouting { type nat hook prerouting priority dstnat; jump dispatch; }
  chain nat-output { type nat hook output priority -100; jump dispatch; }
  chain nat-postrouting {
    type nat hook postrouting priority srcnat;
    meta mark & ${MASQUERADE} == ${MASQUERADE} snat to ${ownAddress} fully-random
    ct status dnat ct mark . ip saddr @loops snat to ${ownAddress} fully-random
  }

  chain refuse {
    # ICMP is limited in rate; to a client both are a refused connection.
    meta l4proto tcp reject with tcp reset
    reject
  }
  chain check {
    ip daddr . meta l4proto . th dport vmap @refused
    ip daddr ${serviceCidr} goto refuse
  }
  chain count {
    ct direction original ct mark @to-endpoint
    ct direction reply ct mark @from-endpoint
  }
  chain filter-input {
    type filter hook input priority -110
    ct state new jump check
    iif != lo jump count
  }
  chain filter-forward {
    type filter hook forward priority -110
    ct state new jump check
    jump count
  }
  chain filter-output {
    type filter hook output priority -90
    ct state new jump check
    jump count
  }

  chain zone { meta l4proto udp ct original zone set ip daddr . udp dport map @udp-zones; }
  chain zone-prerouting { type filter hook prerouting priority raw; jump zone; }
  chain zone-output { type filter hook output priority raw; jump zone; }
}
`;
}
