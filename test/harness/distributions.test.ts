import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { changeOf, type Distribution, distributions, distributionsFor } from '../../harness/distributions.ts';
import { freeInputSet, makeInputSet, refillInputSet } from '../../harness/input-set.ts';
import { operatorSpecs } from '../../harness/operators/index.ts';
import { inputsOf } from '../../harness/operators/inputs.ts';
import type { TensorSpec } from '../../harness/operators/operator.ts';
import { patternWords } from '../../harness/pattern-words.ts';
import { ReferenceDevice } from '../../harness/reference-device.ts';
import { verifyOn } from '../../harness/verify.ts';
import { everyCase } from './operator-cases.ts';

const inputs = suite('distributions');

inputs('of floating-point inputs are four times as large, or positive, exactly', () => {
  for (const [element, dataType] of [
    ['f32', 'fp32'],
    ['f16', 'fp16'],
    ['bf16', 'bf16'],
  ] as const) {
    const tensor = { name: 'x', role: 'input', element, length: 1000 } as const;
    assert.equal(distributionsFor([tensor]), ['usual', 'large', 'positive'], dataType);
    const valuesOf = (change?: { and: number; add: number }) => {
      const filling = { kind: 'hashed', element, seed: 5, rowLength: 1, ...(change && { change }) } as const;
      return [...inputsOf([tensor], new Map([['x', filling]])).values('x', 1, 900)];
    };
    const usual = valuesOf();
    const exponents = { f32: 2 << 23, f16: (2 << 10) | (2 << 26), bf16: (2 << 7) | (2 << 23) }[element];
    const large = valuesOf({ and: ~0, add: exponents });
    large.forEach((value, i) => {
      assert.ok(usual[i] === 0 ? Math.abs(value) < 1e-3 : value === 4 * usual[i], `${value} of ${usual[i]}`);
    });
    const signs = { f32: 0x7fffffff, f16: 0x7fff7fff, bf16: 0x7fff7fff }[element];
    assert.equal(valuesOf({ and: signs, add: 0 }), usual.map(Math.abs));
  }
});

inputs('of whole numbers are the least and the greatest', () => {
  const word = patternWords({
    kind: 'hashed',
    element: 'i32',
    seed: 3,
    rowLength: 1,
    change: { and: 0x40000001, add: 0 },
  });
  const seen = new Set(Array.from({ length: 100 }, (_, i) => word(i)));
  assert.equal(
    [...seen].sort((a, b) => a - b),
    [0, 1, 2 ** 30, 2 ** 30 + 1],
  );
});

/** What the reference device computes in plain TypeScript. */
const programs = everyCase().filter(
  ({ operator, dataType, shape }) =>
    new ReferenceDevice().implementations(operator, dataType).includes('reference') &&
    // Rounded to whole numbers, a single product may be further off than is allowed.
    !(dataType === 'int8' && Object.values(shape).every((size) => size === 1)),
);

inputs(`are answered rightly by plain kernels: ${programs.length} programs`, async () => {
  const device = new ReferenceDevice();
  const seen = new Set<Distribution>();
  for (const program of programs) {
    const kernel = await device.compile({ ...program, implementation: 'reference' });
    let set = await makeInputSet(device, program, 1);
    for (const [i, distribution] of distributionsFor(set.tensors).entries()) {
      seen.add(distribution);
      set = await refillInputSet(device, set, i + 2, distribution);
      const verdict = await verifyOn(device, kernel, set, { keepsOutputs: i > 0 });
      assert.ok(verdict.ok, `${distribution} ${JSON.stringify(program)}: ${verdict.reason}`);
    }
    await freeInputSet(device, set);
  }
  assert.is(seen.size, 4);
  assert.is(device.allocatedBytes, 0);
});

inputs('show how far right answers lie apart', async () => {
  const shape = { rows: 8, n: 64 };
  const program = { operator: 'softmax', dataType: 'fp32', shape, implementation: 'reference' } as const;
  const device = new ReferenceDevice();
  const set = await makeInputSet(device, program, 1);
  const verdict = await verifyOn(device, await device.compile(program), set);
  assert.ok(verdict.variation > 0.2 && verdict.variation < 1, `${verdict.variation}`);
  assert.is(operatorSpecs.softmax.tolerance('fp32', shape), verdict.tolerance);
});

inputs('are the same for a reference one by one and in a row', () => {
  const elements = ['f32', 'f16', 'bf16', 'f8', 'i8', 'i32'] as const;
  for (const element of elements) {
    const tensor: TensorSpec = { name: 'x', role: 'input', element, length: 400 };
    for (const distribution of distributions) {
      const change = changeOf(distribution, tensor);
      const filling = { kind: 'hashed', element, seed: 77, rowLength: 1, ...(change && { change }) } as const;
      const { value, values } = inputsOf([tensor], new Map([['x', filling]]));
      const oneByOne = Float64Array.from({ length: 301 }, (_, i) => value('x', 7 + i));
      assert.equal(values('x', 7, 301), oneByOne, `${element}, ${distribution}`);
    }
  }
});

inputs.run();
