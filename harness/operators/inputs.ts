import { elementReader } from '../encoding.ts';
import { bitsOfByte, fillWords, patternWords } from '../pattern-words.ts';
import {
  type Element,
  hashedValue,
  hashedValues,
  type Pattern,
  tensorBytes,
  type WordChange,
} from '../patterns.ts';
import type { LiveProblem, ProblemPlace } from '../problem.ts';
import type { Inputs, TensorSpec } from './operator.ts';

/** What one input or state is filled with: a pattern, words that the host made, or what a problem file gives for a seed. */
export type Filling = Pattern | { kind: 'made'; words: Int32Array } | GivenByProblem;

/** One tensor of a problem file, for a seed. */
export interface GivenByProblem {
  kind: 'problem';
  problem: LiveProblem;
  at: Omit<ProblemPlace, 'problem'>;
}

/** Inputs as a reference reads them, from what their tensors are filled with. */
export function inputsOf(tensors: readonly TensorSpec[], fillings: ReadonlyMap<string, Filling>): Inputs {
  const readers = new Map(
    tensors.flatMap((tensor): [string, (index: number) => number][] => {
      const filling = fillings.get(tensor.name);
      return filling ? [[tensor.name, reader(tensor, filling)]] : [];
    }),
  );
  const readerOf = (name: string) => {
    const read = readers.get(name);
    if (!read) throw new Error(`no input '${name}'`);
    return read;
  };
  return {
    value: (name, index) => readerOf(name)(index),
    values: (name, start, count) => {
      const filling = fillings.get(name);
      if (filling?.kind === 'hashed') {
        const { element, seed, rowLength, change } = filling;
        if (!change) return hashedValues(element, start, count, seed, rowLength);
        if (element === 'f32') return changedFloats(filling, start, count);
        const table = changedValues(element, change);
        if (table) return hashedValues(element, start, count, seed, rowLength, table);
      }
      const read = readerOf(name);
      const values = new Float64Array(count);
      for (let i = 0; i < count; i++) values[i] = read(start + i);
      return values;
    },
    integers: (name) => {
      const filling = fillings.get(name);
      if (filling?.kind !== 'made') throw new Error(`'${name}' is not made by the host`);
      return filling.words;
    },
  };
}

function reader({ element }: TensorSpec, filling: Filling): (index: number) => number {
  if (filling.kind === 'hashed') {
    if (filling.change) return wordReader(element, patternWords(filling));
    const { seed, rowLength } = filling;
    return (index) => hashedValue(element, index, seed, rowLength);
  }
  if (filling.kind === 'made') {
    const { buffer, byteOffset, byteLength } = filling.words;
    return elementReader(element, new Uint8Array(buffer, byteOffset, byteLength));
  }
  if (filling.kind === 'problem') throw new Error('inputs of a problem file are known to its oracle');
  const value = elementReader(element, new Uint8Array(Uint32Array.of(filling.word).buffer))(0);
  return () => value;
}

/** Values of changed fp32 numbers in a row. */
function changedFloats(filling: Pattern, start: number, count: number): Float64Array {
  const words = new Uint32Array(count);
  fillWords(words, filling, start);
  return Float64Array.from(new Float32Array(words.buffer));
}

const smallTypes: readonly Element[] = ['f16', 'bf16', 'f8', 'i8'];
const changedTables = new Map<string, Float64Array | undefined>();

/**
 * What the one byte of a hash that counts comes to in a small type once its word is changed; undefined of other types, and
 * where a change treats the places of a word unlike, or carries from one into the next.
 */
function changedValues(element: Element, change: WordChange): Float64Array | undefined {
  const key = `${element} ${change.and} ${change.add}`;
  if (!changedTables.has(key)) changedTables.set(key, changedTable(element, change));
  return changedTables.get(key);
}

function changedTable(element: Element, { and, add }: WordChange): Float64Array | undefined {
  if (!smallTypes.includes(element)) return undefined;
  const bits = 8 * tensorBytes(element, 1);
  const most = 2 ** bits - 1;
  const places = Array.from({ length: 32 / bits }, (_, place) => place * bits);
  const ofPlace = (word: number) => places.map((shift) => (word >>> shift) & most);
  const [ands, adds] = [ofPlace(and), ofPlace(add)];
  if ([ands, adds].some((parts) => parts.some((part) => part !== parts[0]))) return undefined;
  const table = new Float64Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const changed = (bitsOfByte(element, byte) & ands[0]) + adds[0];
    if (changed > most) return undefined;
    table[byte] = elementReader(element, new Uint8Array(Uint32Array.of(changed).buffer))(0);
  }
  return table;
}

/** Values of a type without rows, by the words that hold them. */
function wordReader(element: Element, wordAt: (position: number) => number): (index: number) => number {
  const word = new Uint32Array(1);
  const read = elementReader(element, new Uint8Array(word.buffer));
  const inWord = 4 / tensorBytes(element, 1);
  return (index) => {
    const place = index % inWord;
    word[0] = wordAt((index - place) / inWord);
    return read(place);
  };
}
