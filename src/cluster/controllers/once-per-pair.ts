/**
 * Works `derive(first, second)` out once for each pair of stored objects. They never change once
 * stored, so what was derived from them stays true, and goes when either of them does.
 */
export function oncePerPair<First extends object, Second extends object, Derived extends object>(
  derive: (first: First, second: Second) => Derived,
): (first: First, second: Second) => Derived {
  const known = new WeakMap<First, WeakMap<Second, Derived>>();
  return (first, second) => {
    let ofFirst = known.get(first);
    if (!ofFirst) {
      ofFirst = new WeakMap();
      known.set(first, ofFirst);
    }
    let derived = ofFirst.get(second);
    if (!derived) {
      derived = derive(first, second);
      ofFirst.set(second, derived);
    }
    return derived;
  };
}
