const shape = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d+)|([numkMGTPE]?|[KMGTPE]i))$/;

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const decimalSuffixes = new Map(
  Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]),
);
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** A quantity as the server writes it back: `0.5` → `500m`, `1024Mi` → `1Gi`; `undefined` when it is none. */
export function canonicalQuantity(value: string | number): string | undefined {
  const parsed = parse(String(value));
  if (!parsed) return undefined;
  const { nanos, format } = parsed;
  if (nanos === 0n) return '0';
  if (format === 'binary' && nanos % nano === 0n && magnitude(nanos) >= 1024n * nano) {
    return binary(nanos / nano);
  }
  return decimal(nanos, format === 'exponent');
}

/** The amount in thousandths, rounded up, as schedulers and autoscalers compare it; `undefined` when it is none. */
export function milliValue(value: string | number): number | undefined {
  const parsed = parse(String(value));
  if (!parsed) return undefined;
  const { nanos } = parsed;
  const whole = nanos / 1_000_000n;
  return Number(nanos > 0n && nanos % 1_000_000n !== 0n ? whole + 1n : whole);
}

const nano = 1_000_000_000n;

function parse(
  text: string,
): { nanos: bigint; format: 'decimal' | 'binary' | 'exponent' } | undefined {
  const match = shape.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponentPart, suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  const isBinary = suffix.endsWith('i');
  const exponent = exponentPart
    ? Number(exponentPart.slice(1))
    : isBinary
      ? 0
      : (decimalExponents[suffix] ?? 0);
  const multiplier = isBinary ? 1024n ** BigInt(binarySuffixes.indexOf(suffix)) : 1n;
  const nanos = scale(digits * multiplier, exponent - fraction.length + 9);
  return {
    nanos: sign === '-' ? -nanos : nanos,
    format: exponentPart ? 'exponent' : isBinary ? 'binary' : 'decimal',
  };
}

// Upstream keeps nothing below a nano and rounds away from zero.
function scale(digits: bigint, exponent: number): bigint {
  if (exponent >= 0) return digits * 10n ** BigInt(Math.min(exponent, 400));
  const divisor = 10n ** BigInt(Math.min(-exponent, 400));
  return (digits + divisor - 1n) / divisor;
}

function decimal(nanos: bigint, asExponent: boolean): string {
  let mantissa = nanos;
  let exponent = -9;
  while (exponent < 18 && mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (!asExponent) return `${mantissa}${decimalSuffixes.get(exponent) ?? ''}`;
  return exponent === 0 ? String(mantissa) : `${mantissa}e${exponent}`;
}

function binary(units: bigint): string {
  let mantissa = units;
  let power = 0;
  while (power < binarySuffixes.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    power += 1;
  }
  return `${mantissa}${binarySuffixes[power]}`;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
