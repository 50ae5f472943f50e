import type { RandomStream } from '../foundation/random.ts';
import type { ComputeDevice } from './device.ts';
import { type InputSet, memoryBytes } from './input-set.ts';
import type { Filling } from './operators/inputs.ts';
import { patternWords } from './pattern-words.ts';

/** Bytes of an input that are read at one place, and the places where it is larger. */
const stretchBytes = 4096;
const stretches = 4;

/** A word of an input that is not what it was filled with. */
export interface ChangedWord {
  tensor: string;
  /** In 32-bit words. */
  index: number;
  got: number;
  wanted: number;
}

/** Looks for a changed input: small ones are read whole, others at both ends and at random places. */
export async function changedInput(
  device: ComputeDevice,
  { tensors, memories, fillings }: InputSet,
  random: RandomStream,
): Promise<ChangedWord | undefined> {
  for (const [position, tensor] of tensors.entries()) {
    if (tensor.role !== 'input') continue;
    const wordAt = words(fillings.get(tensor.name)!);
    for (const { start, bytes } of places(memoryBytes(tensor), random)) {
      const read = await device.read(memories[position], start, bytes);
      const view = new DataView(read.buffer, read.byteOffset, read.byteLength);
      for (let i = 0; i < bytes; i += 4) {
        const index = (start + i) / 4;
        const got = view.getUint32(i, true);
        const wanted = wordAt(index);
        if (got !== wanted) return { tensor: tensor.name, index, got, wanted };
      }
    }
  }
  return undefined;
}

function words(filling: Filling): (position: number) => number {
  return filling.kind === 'made' ? (position) => filling.words[position] >>> 0 : patternWords(filling);
}

function places(total: number, random: RandomStream): { start: number; bytes: number }[] {
  if (total <= stretches * stretchBytes) return [{ start: 0, bytes: total }];
  const last = (total - stretchBytes) / 4;
  const starts = [0, last, ...Array.from({ length: stretches - 2 }, () => random.below(last))];
  return starts.map((word) => ({ start: 4 * word, bytes: stretchBytes }));
}
