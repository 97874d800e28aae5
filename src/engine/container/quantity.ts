const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity (`500Mi`, `1.5G`, `1e9`) in whole bytes; undefined when it is none. */
export function bytesOf(quantity: string): number | undefined {
  const amount = amountOf(quantity);
  return amount === undefined ? undefined : Math.floor(amount);
}

/** A Kubernetes quantity of anything (`250m`, `1.5`); undefined when it is none. */
export function amountOf(quantity: string): number | undefined {
  const [, number = '', suffix = ''] =
    /^([\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(quantity) ?? [];
  const factor = factors[suffix];
  return number === '' || factor === undefined ? undefined : Number(number) * factor;
}
