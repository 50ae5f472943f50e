import { RandomStream } from '../foundation/random.ts';
import type { Program } from './device.ts';
import type { InputSet } from './input-set.ts';
import { inputsOf } from './operators/inputs.ts';
import { specOf } from './operators/of-program.ts';
import type { Element } from './patterns.ts';
import { sampledElements } from './samples.ts';

/** The largest finite number of a type, where inputs can lead beyond it. */
const largest: Partial<Record<Element, number>> = { f16: 65504, f8: 448 };

/** Answers may be this many times as large as those that are looked at. */
const reserve = 4;

/** Whether the right answers to some inputs are numbers that their type can hold. */
export function answersFit(program: Program, { tensors, fillings, seed }: InputSet): boolean {
  const { dataType, shape } = program;
  const reference = specOf(program).reference(dataType, shape, inputsOf(tensors, fillings));
  return tensors.every((tensor) => {
    const most = largest[tensor.element];
    if (tensor.role === 'input' || most === undefined) return true;
    const samples = sampledElements(tensor, new RandomStream(seed, 0x41f));
    return samples.every((index) => reserve * Math.abs(reference(tensor.name, index)) <= most);
  });
}
