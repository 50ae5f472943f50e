import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  activation,
  atCandidates,
  concat,
  elementwise,
  fullyConnected,
  mlp,
  normalisation,
  siteOf,
} from '../../models/operators.ts';
import {
  crossLayer,
  dotInteraction,
  dotPairs,
  factorisationMachine,
  optimisedFactorisationMachine,
  vectorMixing,
} from '../../models/operators-interaction.ts';
import { localActivationUnit, pointwiseAttention } from '../../models/operators-sequence.ts';

const operators = suite('dense operators');
const candidate = siteOf('after', 'candidate', 'fp32');

operators(
  'a fully connected layer is 2kn FLOPs, kn + n parameters, weights once and activations per row',
  () => {
    const layer = fullyConnected(candidate, 'fc', { k: 13, n: 512 });
    assert.equal(layer.flops, { fixed: 0, perCandidate: 2 * 13 * 512 });
    assert.is(layer.parameters, 13 * 512 + 512);
    assert.equal(layer.bytes, { fixed: 4 * (13 * 512 + 512), perCandidate: 4 * (13 + 512) });
    assert.equal(layer.shape, { k: 13, n: 512 });
    assert.is(fullyConnected(candidate, 'fc', { k: 13, n: 512, bias: false }).parameters, 13 * 512);
  },
);

operators('user-level work does not grow with the candidates', () => {
  const layer = fullyConnected(siteOf('before', 'user', 'bf16'), 'fc', { k: 10, n: 20 });
  assert.equal(layer.flops, { fixed: 400, perCandidate: 0 });
  assert.equal(layer.bytes, { fixed: 2 * (220 + 30), perCandidate: 0 });
  assert.is(atCandidates(layer.flops, 1), atCandidates(layer.flops, 700));
});

operators('an MLP chains its widths; separate activations move every element twice', () => {
  const fused = mlp(candidate, 'top', 479, [1024, 1024, 512, 256, 1]);
  assert.equal(
    fused.map(({ shape }) => [shape.k, shape.n]),
    [
      [479, 1024],
      [1024, 1024],
      [1024, 512],
      [512, 256],
      [256, 1],
    ],
  );
  const separate = mlp(candidate, 'top', 479, [1024, 1], 'separate');
  assert.equal(
    separate.map(({ kind }) => kind),
    ['gemm', 'activation', 'gemm', 'activation'],
  );
  assert.equal(activation(candidate, 'relu', 1024).bytes.perCandidate, 2 * 4 * 1024);
  assert.equal(activation(candidate, 'relu', 1024).flops.perCandidate, 1024);
});

operators('a dot interaction of n vectors has n(n−1)/2 products, n(n+1)/2 with itself', () => {
  const dot = dotInteraction(candidate, 'dot', { vectors: 27, dim: 128, itself: false, passed: 128 });
  assert.is(dot.flops.perCandidate, 2 * 128 * 351);
  assert.is(dot.bytes.perCandidate, 4 * (27 * 128 + 351 + 128));
  assert.is(dot.parameters, 0);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (n) => {
      let without = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) without++;
      return dotPairs(n, false) === without && dotPairs(n, true) === without + n;
    }),
  );
});

operators('a DCN v2 layer is two low-rank products, a Hadamard product and a residual', () => {
  const layer = crossLayer(candidate, 'cross', { d: 3456, r: 512 });
  assert.is(layer.flops.perCandidate, 4 * 3456 * 512 + 2 * 3456);
  assert.is(layer.parameters, 2 * 3456 * 512 + 3456);
});

operators('the sum-square trick counts what its naive evaluation counts', () => {
  const { n, d } = { n: 5, d: 3 };
  let counted = 0;
  for (let f = 0; f < d; f++) {
    counted += n - 1 + 1; // sum of the vectors, squared
    counted += n + (n - 1); // squares, and their sum
    counted += 1; // difference
  }
  counted += d - 1 + 1; // sum over the dimensions, halved
  assert.is(factorisationMachine(candidate, 'fm', { n, d }).flops.perCandidate, counted);
});

operators("Wukong's optimised FM has the traffic and FLOPs of two batched matrix products", () => {
  // Production shapes (B, N, D, K) of its kernel; unfused fp16 traffic in MB and FLOPs from the shapes.
  const site = siteOf('after', 'candidate', 'fp16');
  const cases = [
    { n: 24, d: 224, k: 2198, megabytes: 2255 },
    { n: 40, d: 224, k: 448, megabytes: 521 },
    { n: 48, d: 224, k: 448, megabytes: 543 },
  ];
  for (const { n, d, k, megabytes } of cases) {
    const fm = optimisedFactorisationMachine(site, 'fm', { n, d, k, learnedY: false });
    assert.is(Math.round(atCandidates(fm.bytes, 1024) / 1e6), megabytes);
    assert.is(atCandidates(fm.flops, 1024), 1024 * 4 * n * d * k);
    assert.is(fm.parameters, 0);
  }
  const first = optimisedFactorisationMachine(site, 'fm', { n: 24, d: 224, k: 2198, learnedY: true });
  assert.is((atCandidates(first.flops, 1024) / 1e9).toFixed(1), '48.4');
  assert.is(first.parameters, 24 * 2198);
  assert.is(first.bytes.fixed, 2 * 24 * 2198);
});

operators('mixing n vectors of d into m costs 2nmd FLOPs and nm parameters', () => {
  const mixing = vectorMixing(candidate, 'mix', { n: 48, m: 24, d: 224 });
  assert.is(mixing.flops.perCandidate, 2 * 48 * 24 * 224);
  assert.is(mixing.parameters, 48 * 24);
});

operators('norms, elementwise operators and copies', () => {
  assert.is(normalisation(candidate, 'ln', 100, 'layer').parameters, 200);
  assert.is(normalisation(candidate, 'rms', 100, 'rms').parameters, 100);
  assert.is(elementwise(candidate, 'sum', 64, 3).flops.perCandidate, 128);
  assert.is(elementwise(candidate, 'sum', 64, 3).bytes.perCandidate, 4 * 4 * 64);
  assert.equal(concat(candidate, 'cat', 10).flops, { fixed: 0, perCandidate: 0 });
  assert.is(concat(candidate, 'cat', 10).bytes.perCandidate, 80);
});

operators("DIN's activation unit is an MLP for each behaviour, weighted and summed", () => {
  const shape = { length: 50, d: 16, hidden: [36], output: 'weight', shared: true } as const;
  const unit = localActivationUnit(candidate, 'din', shape);
  const products = 2 * 48 * 36 + 2 * 36 * 1;
  assert.is(unit.flops.perCandidate, 50 * (16 + products + 2 * 16));
  assert.is(unit.parameters, 48 * 36 + 36 + 36 + 1);
  const own = localActivationUnit(candidate, 'din', { ...shape, output: 'vector', shared: false });
  assert.is(own.flops.perCandidate, 50 * (16 + 2 * 48 * 36 + 2 * 36 * 16 + 16));
  assert.is(own.parameters, 50 * (48 * 36 + 36 + 36 * 16 + 16));
});

operators("HSTU's attention counts every pair of a query and a key", () => {
  const heads = { heads: 4, qkDim: 32, vDim: 64 };
  const perPair = 2 * 4 * (32 + 64);
  const tokens = { ...candidate, rows: { fixed: 5, perCandidate: 1 } };
  const fixedLength = { mean: 5, meanSquare: 25 };
  const full = pointwiseAttention(tokens, 'a', { length: fixedLength, ...heads, causal: false });
  assert.equal(full.flops, { fixed: 25 * perPair, perCandidate: 6 * perPair });
  const causal = pointwiseAttention(tokens, 'a', { length: fixedLength, ...heads, causal: true });
  assert.equal(causal.flops, { fixed: 15 * perPair, perCandidate: 6 * perPair });
  const jagged = { mean: 5, meanSquare: (1 + 81) / 2 }; // half of the histories have length 1, half 9
  const mixed = pointwiseAttention(tokens, 'a', { length: jagged, ...heads, causal: true });
  assert.is(mixed.flops.fixed, ((1 + 45) / 2) * perPair);
  const userOnly = { ...siteOf('after', 'user', 'fp32'), rows: { fixed: 5, perCandidate: 0 } };
  const encoding = pointwiseAttention(userOnly, 'a', { length: fixedLength, ...heads, causal: true });
  assert.is(encoding.flops.perCandidate, 0);
});

operators.run();
