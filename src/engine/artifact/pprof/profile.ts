import { numbersOf, readFields, type ProtobufField } from './protobuf.ts';

/** What of profile.proto (github.com/google/pprof) a first look needs. */
export interface Profile {
  readonly sampleTypes: readonly ValueType[];
  readonly defaultSampleType: string;
  /** Samples, and the sum of each sample type's values, by the location on top of the stack. */
  readonly byLocation: ReadonlyMap<number, { samples: number; readonly values: number[] }>;
  readonly samples: number;
  readonly durationNanoseconds: number;
  readonly takenAtNanoseconds: number;
  nameOf(locationId: number): string;
}

interface ValueType {
  readonly type: string;
  readonly unit: string;
}

/** Fields of message Profile. */
const profileFields = {
  sampleType: 1,
  sample: 2,
  location: 4,
  function: 5,
  string: 6,
  time: 9,
  duration: 10,
  defaultSampleType: 14,
} as const;

/** Takes the fields of a profile one after the other: samples come before what explains them. */
export function createProfile(): Profile & { take(field: ProtobufField): void } {
  const sampleTypes: { readonly type: number; readonly unit: number }[] = [];
  const byLocation = new Map<number, { samples: number; values: number[] }>();
  const locations = new Map<number, { address: number; functionId: number }>();
  const functions = new Map<number, number>();
  const strings: string[] = [];
  let samples = 0;
  let [defaultType, duration, takenAt] = [0, 0, 0];

  function takeSample(message: Buffer): void {
    let top = 0;
    let values: readonly number[] = [];
    let single: number[] | undefined;
    for (const field of readFields(message)) {
      if (field.number === 1 && top === 0) top = numbersOf(field)[0] ?? 0;
      else if (field.number === 2) {
        if ('bytes' in field) values = numbersOf(field);
        else values = single = [...(single ?? []), field.value];
      }
    }
    samples += 1;
    let tally = byLocation.get(top);
    if (!tally) byLocation.set(top, (tally = { samples: 0, values: [] }));
    tally.samples += 1;
    for (const [at, value] of values.entries()) tally.values[at] = (tally.values[at] ?? 0) + value;
  }

  function takeLocation(message: Buffer): void {
    let [id, address, functionId] = [0, 0, 0];
    let hasLine = false;
    for (const field of readFields(message)) {
      if ('value' in field) {
        if (field.number === 1) id = field.value;
        else if (field.number === 3) address = field.value;
      } else if (field.number === 4 && !hasLine) {
        // The first line is what was inlined into the others.
        hasLine = true;
        functionId = numberIn(field.bytes, 1);
      }
    }
    locations.set(id, { address, functionId });
  }

  return {
    take(field) {
      if ('value' in field) {
        if (field.number === profileFields.time) takenAt = field.value;
        else if (field.number === profileFields.duration) duration = field.value;
        else if (field.number === profileFields.defaultSampleType) defaultType = field.value;
        return;
      }
      const { number, bytes } = field;
      if (number === profileFields.sampleType) {
        sampleTypes.push({ type: numberIn(bytes, 1), unit: numberIn(bytes, 2) });
      } else if (number === profileFields.sample) takeSample(bytes);
      else if (number === profileFields.location) takeLocation(bytes);
      else if (number === profileFields.function) {
        functions.set(numberIn(bytes, 1), numberIn(bytes, 2));
      } else if (number === profileFields.string) strings.push(bytes.toString('utf8'));
    },
    get sampleTypes() {
      return sampleTypes.map(({ type, unit }) => ({
        type: strings[type] ?? '',
        unit: strings[unit] ?? '',
      }));
    },
    get defaultSampleType() {
      return strings[defaultType] ?? '';
    },
    byLocation,
    get samples() {
      return samples;
    },
    get durationNanoseconds() {
      return duration;
    },
    get takenAtNanoseconds() {
      return takenAt;
    },
    nameOf(locationId) {
      const location = locations.get(locationId);
      const name = strings[functions.get(location?.functionId ?? -1) ?? -1];
      if (name !== undefined && name !== '') return name;
      return location ? `0x${location.address.toString(16)}` : '(no stack)';
    },
  };
}

function numberIn(message: Buffer, number: number): number {
  for (const field of readFields(message)) {
    if (field.number === number && 'value' in field) return field.value;
  }
  return 0;
}
