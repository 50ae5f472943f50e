import { elementReader } from '../encoding.ts';
import { patternWords } from '../pattern-words.ts';
import { type Element, hashedValue, hashedValues, type Pattern, tensorBytes } from '../patterns.ts';
import type { Inputs, TensorSpec } from './operator.ts';

/** What one input or state is filled with: a pattern, words that the host made, or what a problem file gives for a seed. */
export type Filling =
  | Pattern
  | { kind: 'made'; words: Int32Array }
  | { kind: 'problem'; tensor: string; seed: number };

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
      if (filling?.kind === 'hashed' && !filling.change) {
        return hashedValues(filling.element, start, count, filling.seed, filling.rowLength);
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
