import { plural } from '../../words.ts';
import { rank, type Findings, type FindingsTable, type Unit } from '../findings.ts';
import { corrupt, truncated, type FormatCheck } from '../format-check.ts';
import { createParserCheck, type Need, type Parser } from '../parser-check.ts';
import { createProfile, type Profile } from './profile.ts';
import { readVarint, type ProtobufField } from './protobuf.ts';

const format = 'pprof profile';
/** No single sample, location or name is longer. */
const longestFieldBytes = 64 * 1024 * 1024;

/** Reads a profile of pprof (Go and others) field by field; protobuf itself does not say where it ends. */
export function createPprofCheck(): FormatCheck {
  const profile = createProfile();

  function* parse(position: () => number): Parser {
    for (;;) {
      const at = position();
      const head = yield { peek: 20 };
      if (head.length === 0) return;
      const field = yield* readField(head, at);
      try {
        if (field) profile.take(field);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw corrupt(format, `${error.message},`, at);
      }
    }
  }

  const check = createParserCheck({ format, parse, findings: (top) => describe(profile, top) });
  return {
    ...check,
    end() {
      check.end();
      if (profile.sampleTypes.length === 0) throw corrupt(format, 'no sample type', 0);
    },
  };
}

/** One field of the outermost message; undefined where its kind tells nothing. */
function* readField(head: Buffer, at: number): Generator<Need, ProtobufField | undefined, Buffer> {
  const tag = readVarint(head, 0);
  if (!tag) throw truncated(format, 'it ends within a field', at);
  const number = Math.floor(tag.value / 8);
  const kind = tag.value % 8;
  if (number < 1 || number > 100) throw corrupt(format, `an unknown field ${number}`, at);
  if (kind === 0 || kind === 2) {
    const value = readVarint(head, tag.end);
    if (!value) throw truncated(format, 'it ends within a field', at);
    yield { skip: value.end };
    if (kind === 0) return { number, value: value.value };
    if (value.value < 0 || value.value > longestFieldBytes) {
      throw corrupt(format, `a field of ${value.value} bytes`, at);
    }
    return { number, bytes: yield { take: value.value } };
  }
  if (kind !== 1 && kind !== 5) throw corrupt(format, `a field of unknown kind ${kind}`, at);
  yield { skip: tag.end + (kind === 1 ? 8 : 4) };
  return undefined;
}

function describe(profile: Profile, top: number): Findings {
  const { sampleTypes, durationNanoseconds, takenAtNanoseconds } = profile;
  const kinds = sampleTypes.map(({ type, unit }) => `${type} (${unit})`).join(', ');
  const seconds = (durationNanoseconds / 1e9).toFixed(1);
  const takenAt = new Date(takenAtNanoseconds / 1e6);
  return {
    facts: [
      `${plural(profile.samples, 'stack')} of ${kinds}`,
      ...(durationNanoseconds > 0 ? [`${seconds} s`] : []),
      ...(takenAtNanoseconds > 0 ? [`taken ${takenAt.toISOString()}`] : []),
    ],
    tables: flat(profile, top),
  };
}

/** The functions on top of the stacks, by the sample type that the profile itself is about. */
function flat(profile: Profile, top: number): FindingsTable[] {
  const { sampleTypes } = profile;
  const named = sampleTypes.findIndex(({ type }) => type === profile.defaultSampleType);
  const chosen = named >= 0 ? named : sampleTypes.length - 1;
  const type = sampleTypes[chosen];
  if (!type || profile.byLocation.size === 0) return [];
  const unit = units[type.unit] ?? 'count';
  // Go writes pairs: how many, then how much.
  const counter = unit !== 'count' && sampleTypes[chosen - 1]?.unit === 'count' ? chosen - 1 : -1;
  const sums = new Map<string, { count: number; value: number }>();
  for (const [location, { values }] of profile.byLocation) {
    const name = profile.nameOf(location);
    const sum = sums.get(name) ?? { count: 0, value: 0 };
    sum.count += values[counter] ?? 0;
    sum.value += values[chosen] ?? 0;
    sums.set(name, sum);
  }
  const rows = [...sums].map(([name, { count, value }]) => ({
    name,
    ...(counter >= 0 && { count }),
    value,
  }));
  const title = `Functions by ${type.type}, flat`;
  return [rank(rows, { title, noun: 'function', unit, top })];
}

const units: Readonly<Record<string, Unit>> = { bytes: 'bytes', nanoseconds: 'nanoseconds' };
