import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Verdict } from '../../harness/compare.ts';
import type { Kernel, Launch } from '../../harness/device.ts';
import { typescriptKernels } from '../../harness/kernels/typescript/index.ts';
import type { TypescriptKernel } from '../../harness/kernels/typescript/kernel.ts';
import type { View } from '../../harness/kernels/typescript/views.ts';
import { operatorSpecs } from '../../harness/operators/index.ts';
import { ReferenceDevice } from '../../harness/reference-device.ts';
import { verify } from '../../harness/verify.ts';
import { operatorsWithTensors, smallShapes } from './operator-cases.ts';

/** The right kernel with something done to its tensors afterwards. */
function after(operator: OperatorName, spoil: (tensors: readonly View[], shape: Shape) => void) {
  const right = typescriptKernels[operator]!;
  const kernel: TypescriptKernel = (tensors, shape, dataType) => {
    right(tensors, shape, dataType);
    spoil(tensors, shape);
  };
  return kernel;
}

async function verdictOn(
  operator: OperatorName,
  kernel: TypescriptKernel,
  { dataType = operatorSpecs[operator].dataTypes[0], shape = smallShapes[operator]![0], seed = 1 } = {},
): Promise<Verdict> {
  const device = new ReferenceDevice({ kernels: { [operator]: kernel } });
  const compiled = await device.compile({ operator, dataType, shape, implementation: 'reference' });
  const verdict = await verify(device, compiled, { seed });
  assert.is(device.allocatedBytes, 0);
  return verdict;
}

/** The tensor that holds the operator's last output or, without one, its first state. */
function answerOf(operator: OperatorName, tensors: readonly View[]): View {
  const roles = operatorSpecs[operator]
    .tensors(operatorSpecs[operator].dataTypes[0], smallShapes[operator]![0])
    .map(({ role }) => role);
  return tensors[Math.max(roles.lastIndexOf('output'), roles.indexOf('state'))];
}

function caught(verdict: Verdict, what: string): void {
  assert.not(verdict.ok, `${what} passes with an error of ${verdict.error}`);
  assert.ok(verdict.reason, what);
}

const broken = suite('verify: broken kernels');

for (const operator of operatorsWithTensors) {
  broken(`of ${operator} do not pass`, async () => {
    const spoil = (change: (answer: View) => void) =>
      after(operator, (tensors) => change(answerOf(operator, tensors)));

    const shifted = spoil((out) => out.set(out.slice(0, -1), 1));
    caught(await verdictOn(operator, shifted), 'an answer off by one place');
    const constant = spoil((out) => out.fill(1));
    caught(await verdictOn(operator, constant), 'a constant answer');
    caught(await verdictOn(operator, () => {}), 'a kernel that does nothing');
  });
}

broken('with outputs of several tensors need all of them', async () => {
  for (const position of [5, 6]) {
    const spoiled = after('cross-low-rank', (tensors) => tensors[position].fill(0));
    caught(await verdictOn('cross-low-rank', spoiled), `tensor ${position}`);
  }
  for (const position of [0, 1]) {
    const spoiled: TypescriptKernel = (tensors, shape, dataType) => {
      const before = tensors[position].slice();
      typescriptKernels['embedding-bag-backward']!(tensors, shape, dataType);
      tensors[position].set(before);
    };
    caught(await verdictOn('embedding-bag-backward', spoiled), `state ${position} left as it was`);
  }
});

const largeGemm = { m: 300, n: 400, k: 4 };

broken('that leave one element of a large output unwritten', async () => {
  for (const index of [0, 61_803, 119_999]) {
    const skipping = after('gemm', (tensors) => {
      const { buffer, byteOffset } = tensors[2];
      new Uint32Array(buffer, byteOffset)[index] = 0xffffffff;
    });
    const verdict = await verdictOn('gemm', skipping, { shape: largeGemm });
    caught(verdict, `element ${index}`);
    assert.match(verdict.reason!, `d[${index}] was not written`);
    assert.is(verdict.worst!.index, index);
  }
});

broken('that leave one whole number unwritten, of any width', async () => {
  const skip = (count: number, index: number) => (out: View, right: View) => {
    out.set(right.subarray(0, index));
    out.set(right.subarray(index + 1, count), index + 1);
  };
  for (const [operator, dataType, shape, index] of [
    ['hash', 'int32', { values: 100_000, rows: 77 }, 71_234],
    ['gemm', 'int8', largeGemm, 33_333],
    ['quantise', 'int8', { rows: 500, dim: 64 }, 20_011],
    ['quantise', 'int4', { rows: 500, dim: 64 }, 9_999],
    ['concat', 'int8', { rows: 999, inputs: 3, width: 9 }, 20_000],
  ] as const) {
    const kernel: TypescriptKernel = (tensors, of, type) => {
      const out = tensors.at(-1)!;
      const right = out.slice();
      typescriptKernels[operator]!([...tensors.slice(0, -1), right], of, type);
      skip(out.length, index)(out, right);
    };
    const verdict = await verdictOn(operator, kernel, { dataType, shape });
    caught(verdict, `${operator} ${dataType}`);
    assert.match(verdict.reason!, 'was not written');
  }
});

broken('that answer NaN or infinity anywhere', async () => {
  for (const [dataType, bits] of [
    ['fp16', 0x7e00],
    ['fp16', 0xfc00],
    ['bf16', 0x7f80],
    ['bf16', 0xffc0],
  ] as const) {
    const spoiled = after('gemm', (tensors) => {
      tensors[2][77_777] = bits;
    });
    caught(await verdictOn('gemm', spoiled, { dataType, shape: largeGemm }), `${dataType} ${bits}`);
  }
});

broken('that write beyond a tensor, however right their answers are', async () => {
  for (const [position, index, reason] of [
    [2, 119_999 + 1, 'writes past the end of d'],
    [2, 119_999 + 64, 'writes past the end of d'],
    [2, -1, 'writes before the start of d'],
    [0, 1200, 'writes past the end of a'],
  ] as const) {
    const spilling = after('gemm', (tensors) => {
      const { buffer, byteOffset } = tensors[position];
      new Float32Array(buffer)[byteOffset / 4 + index] = 0;
    });
    const verdict = await verdictOn('gemm', spilling, { shape: largeGemm });
    assert.equal([verdict.ok, verdict.reason], [false, reason]);
  }
});

broken('that change an input', async () => {
  const small = after('layer-norm', ([x]) => {
    x[200] += 1;
  });
  const verdict = await verdictOn('layer-norm', small);
  caught(verdict, 'a changed input');
  assert.match(
    verdict.reason!,
    /^x\[200\] was changed from (-?0\.\d{1,8}) to -?\d\.\d{1,8}, although x is an input$/,
  );
  const inPlace = after('bias-activation', ([x, , out]) => x.set(out));
  caught(
    await verdictOn('bias-activation', inPlace, { shape: { rows: 300, n: 500 } }),
    'work in place of a large input',
  );
  const indices = after('embedding-bag', ([, ids]) => ids.sort());
  caught(await verdictOn('embedding-bag', indices), 'sorted indices');
});

broken('that are a little wrong everywhere', async () => {
  const scaled = after('gemm', ([, , d]) => {
    for (let i = 0; i < d.length; i++) d[i] *= 1.0001;
  });
  caught(await verdictOn('gemm', scaled), 'one part in ten thousand');
});

broken('that are a little wrong at one place', async () => {
  // Twenty tolerances at one element of 544 are less than one over all of them.
  const bent = after('gemm', ([, , d]) => {
    let squares = 0;
    for (const value of d) squares += value * value;
    const usual = Math.sqrt(squares / d.length);
    d[0] += 20 * 1e-5 * usual * Math.sign(d[0]);
    if (Math.abs(d[0]) > 1.2 * usual) throw new Error('choose a seed with a smaller first element');
  });
  const verdict = await verdictOn('gemm', bent, { shape: largeGemm });
  caught(verdict, 'one bent element');
  assert.ok(verdict.error <= verdict.tolerance);
  assert.is(verdict.worst!.index, 0);
});

broken('that are right but for one row', async () => {
  const spoiled = after('rms-norm', (tensors, { n }) => {
    const out = tensors[2];
    for (let i = out.length - n; i < out.length; i++) out[i] = -out[i];
  });
  caught(await verdictOn('rms-norm', spoiled, { shape: { rows: 1000, n: 64 } }), 'the last row');
});

broken('that round the other way or in too few digits', async () => {
  const truncating = after('gemm', ([, , d]) => {
    const words = new Uint32Array(d.buffer, d.byteOffset, d.length);
    for (let i = 0; i < words.length; i++) words[i] &= 0xffffe000;
  });
  caught(await verdictOn('gemm', truncating, { dataType: 'fp32' }), 'tf32 for fp32');
  const floor: TypescriptKernel = ([x, out], { rows, dim }) => {
    typescriptKernels.quantise!([x, out], { rows, dim }, 'int8');
    const floats = new Float32Array(out.buffer, out.byteOffset);
    for (let row = 0; row < rows; row++) {
      const end = ((row + 1) * (dim + 8)) / 4 - 2;
      for (let i = 0; i < dim; i++) {
        out[row * (dim + 8) + i] = Math.floor((x[row * dim + i] - floats[end + 1]) / floats[end]);
      }
    }
  };
  caught(await verdictOn('quantise', floor), 'codes rounded down');
});

broken('of another update rule', async () => {
  const unnormed: TypescriptKernel = ([table, , rowIds, rowStarts, bagOf, grad], { dim }) => {
    for (let u = 0; rowIds[u] >= 0; u++) {
      for (let i = rowStarts[u]; i < rowStarts[u + 1]; i++) {
        for (let d = 0; d < dim; d++) table[rowIds[u] * dim + d] -= 0.01 * grad[bagOf[i] * dim + d];
      }
    }
  };
  caught(await verdictOn('embedding-bag-backward', unnormed), 'plain gradient descent');
  const sparse = { rows: 200_000, dim: 8, pooling: 1, bags: 20, skew: 0 };
  caught(
    await verdictOn('embedding-bag-backward', unnormed, { shape: sparse }),
    'the same where few rows change',
  );
});

broken.run();

const right = suite('verify: right kernels');

right('pass after they ran before: states start anew', async () => {
  const device = new ReferenceDevice();
  const shape = smallShapes['embedding-bag-backward']![0];
  const program = {
    operator: 'embedding-bag-backward',
    dataType: 'fp32',
    shape,
    implementation: 'reference',
  } as const;
  const kernel = await device.compile(program);
  const first = await verify(device, kernel);
  assert.equal(await verify(device, kernel), first);
  assert.ok(first.ok);
});

right('pass at sizes where only samples are compared', async () => {
  for (const [operator, shape] of [
    ['gemm', { m: 200, n: 300, k: 16 }],
    ['layer-norm', { rows: 3000, n: 100 }],
    ['bucketise', { values: 300_000, boundaries: 99 }],
    ['embedding-bag-backward', { rows: 100_000, dim: 16, pooling: 2, bags: 500, skew: 1.05 }],
    ['quantise', { rows: 20_000, dim: 64 }],
  ] as const) {
    const verdict = await verdictOn(operator, typescriptKernels[operator]!, { shape });
    assert.ok(verdict.ok, `${operator}: ${verdict.reason}`);
  }
});

right('may round as they like within the tolerance', async () => {
  const jittered = after('gemm', ([, , d]) => {
    for (let i = 0; i < d.length; i++) d[i] *= 1 + (i % 2 ? 2e-6 : -2e-6);
  });
  const verdict = await verdictOn('gemm', jittered, { dataType: 'fp32' });
  assert.ok(verdict.ok);
  assert.ok(verdict.error > 1e-6 && verdict.error < 3e-6);
  assert.ok(verdict.worst);
});

right.run();

const own = suite("verify: a device's own check");

class Collective extends ReferenceDevice {
  override async run(_: Launch): Promise<void> {}
}

async function ownVerdict(operator: OperatorName, checkedError?: number): Promise<Verdict> {
  const program = {
    operator,
    dataType: operatorSpecs[operator].dataTypes[0],
    shape: {},
    implementation: 'reference',
  };
  const kernel: Kernel = { program, ...(checkedError === undefined ? {} : { checkedError }) };
  return verify(new Collective(), kernel);
}

own('is asked for and believed', async () => {
  assert.ok((await ownVerdict('all-reduce', 1e-7)).ok);
  assert.not((await ownVerdict('all-reduce', 1e-3)).ok);
  assert.not((await ownVerdict('all-to-all', 1e-7)).ok);
  assert.not((await ownVerdict('rpc-round-trip', Number.NaN)).ok);
  const unchecked = await ownVerdict('rpc-serialise');
  assert.not(unchecked.ok);
  assert.match(unchecked.reason!, 'did not check');
});

own('is not asked of an empty kernel', async () => assert.ok((await ownVerdict('kernel-launch')).ok));

own.run();
