import type { RandomStream } from '../foundation/random.ts';
import type { ComputeDevice } from './device.ts';
import { elementReader } from './encoding.ts';
import { type InputSet, memoryBytes } from './input-set.ts';
import type { Filling, GivenByProblem } from './operators/inputs.ts';
import type { TensorSpec } from './operators/operator.ts';
import { patternWords } from './pattern-words.ts';
import { tensorBytes } from './patterns.ts';

/** Bytes of an input that are read at one place, and the places where it is larger. */
const stretchBytes = 4096;
const stretches = 4;

/** What is no longer what it was filled with: an element of an input, or a word of one that is coded by rows. */
export interface ChangedInput {
  tensor: string;
  isWord: boolean;
  index: number;
  got: number;
  wanted: number;
}

/** Looks for a changed input: small ones are read whole, others at both ends and at random places. */
export async function changedInput(
  device: ComputeDevice,
  { tensors, memories, fillings }: InputSet,
  random: RandomStream,
): Promise<ChangedInput | undefined> {
  for (const [position, tensor] of tensors.entries()) {
    if (tensor.role !== 'input') continue;
    const filling = fillings.get(tensor.name)!;
    for (const { start, bytes } of places(memoryBytes(tensor), random)) {
      const wordAt = filling.kind === 'problem' ? await given(filling, start, bytes) : words(filling);
      const read = await device.read(memories[position], start, bytes);
      const view = new DataView(read.buffer, read.byteOffset, read.byteLength);
      for (let i = 0; i < bytes; i += 4) {
        const index = (start + i) / 4;
        const got = view.getUint32(i, true);
        const wanted = wordAt(index);
        // Behind the last element of a narrow type lies what does not count.
        if (got !== wanted && (filling.kind !== 'problem' || isWhole(tensor, index)))
          return changedAt(tensor, index, got, wanted);
      }
    }
  }
  return undefined;
}

/** The first element of a word that differs. */
function changedAt({ name, element }: TensorSpec, word: number, got: number, wanted: number): ChangedInput {
  if (element === 'rows-int8' || element === 'rows-int4') {
    return { tensor: name, isWord: true, index: word, got, wanted };
  }
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(got, 0);
  bytes.writeUInt32LE(wanted, 4);
  const width = tensorBytes(element, 1);
  let at = 0;
  while (bytes.compare(bytes, 4 + at, 4 + at + width, at, at + width) === 0) at += width;
  const valueIn = (from: number) => elementReader(element, bytes.subarray(from, from + width))(0);
  return {
    tensor: name,
    isWord: false,
    index: (4 * word + at) / width,
    got: valueIn(at),
    wanted: valueIn(4 + at),
  };
}

/** What a problem's input is in a stretch of words, by their position in the whole. */
async function given(
  { problem: { problem, oracle }, at }: GivenByProblem,
  start: number,
  bytes: number,
): Promise<(position: number) => number> {
  const read = await oracle.input({ problem, ...at }, start, bytes);
  const view = new DataView(read.buffer, read.byteOffset, read.byteLength);
  return (position) => view.getUint32(4 * position - start, true);
}

function isWhole({ element, length, rowLength }: TensorSpec, word: number): boolean {
  return 4 * (word + 1) <= tensorBytes(element, length, rowLength);
}

function words(filling: Exclude<Filling, GivenByProblem>): (position: number) => number {
  return filling.kind === 'made' ? (position) => filling.words[position] >>> 0 : patternWords(filling);
}

function places(total: number, random: RandomStream): { start: number; bytes: number }[] {
  if (total <= stretches * stretchBytes) return [{ start: 0, bytes: total }];
  const last = (total - stretchBytes) / 4;
  const starts = [0, last, ...Array.from({ length: stretches - 2 }, () => random.below(last))];
  return starts.map((word) => ({ start: 4 * word, bytes: stretchBytes }));
}
