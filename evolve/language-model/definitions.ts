import type { OperatorName } from '../../hardware-profiles/operators-measured.ts';

/**
 * What operators compute, on which tensors, for who cannot read `harness/operators`: the specification there decides. Operators
 * without tensors of their own are not searched for.
 */
export const definitions: Partial<Record<OperatorName, string>> = {
  'embedding-bag':
    'table [rows, dim], indices [bags, pooling], out [bags, dim]. out[b] = Σ over i of table[indices[b, i]], formed in fp32. Tables smaller than fp32 answer in fp16.',
  'embedding-bag-backward':
    'table [rows, dim] and momentum [rows] (fp32) are changed in place. Lookups come sorted: unique row u is rowIds[u] (rising; −1 where unused) and has the lookups rowStarts[u] … rowStarts[u + 1] − 1, of bags bagOf[…]; grad [bags, dim] in fp32. For each: g = Σ grad[bagOf], momentum += mean(g²), table row −= 0.01 · g / (√momentum + 1e-8). All other rows stay as they are.',
  gemm: 'd[m, n] = a[m, k] · w[n, k]ᵀ, row-major. fp8 answers in bf16; int8 in int8: saturate(round(sum · 2^−round(log₂(137·√k)))).',
  'bias-activation': 'out = max(0, x + bias) for x [rows, n], bias [n].',
  elementwise: 'out [rows, n] is the product over the first axis of x [inputs, rows, n].',
  'dot-interaction':
    'x [batch, vectors, dim]; out [batch, vectors·(vectors − 1)/2]: element i(i − 1)/2 + j is the dot product of vectors i and j of the sample, j < i.',
  'cross-low-rank':
    'x0, x, y [batch, width]; v [rank, width]; w [width, rank]; bias [width]; hidden [batch, rank] = x · vᵀ is an output, too, rounded to the data type; y = x0 ⊙ (hidden · wᵀ + bias) + x. In int8 with scales s(n) = 2^−round(log₂(137·√n)): hidden = saturate(round(x · vᵀ · s(width))), y = saturate(round(x0 · (hidden · wᵀ · s(rank) + bias) / 128 + x)).',
  'factorisation-machine':
    'x [batch, vectors, dim]; out [batch] in fp32 = ½ Σ over dim of ((Σ over vectors of x)² − Σ over vectors of x²).',
  'layer-norm':
    'x, out [rows, n]; gain, bias [n]. out = (x − mean) / √(variance + 1e-5) · gain + bias, by row; the variance divides by n.',
  'rms-norm': 'x, out [rows, n]; gain [n]. out = x / √(mean of x² + 1e-5) · gain, by row.',
  attention: 'q, k, v, out [batch, heads, length, dim]. out = softmax(q kᵀ / √dim) v, without a mask.',
  'attention-jagged':
    'q, k, v, out [tokens, heads, dim] of packed sequences; sequence s has the tokens offsets[s] … offsets[s + 1] − 1 (offsets [batch + 1]). out = softmax(q kᵀ / √dim) v within each sequence and head.',
  concat: 'x [inputs, rows, width] to out [rows, inputs, width].',
  split: 'x [rows, inputs, width] to out [inputs, rows, width].',
  quantise:
    'x [rows, dim] in fp32; out has rows of codes, then scale and bias. bias = least of the row, scale = (most − least) / 255 (int8) or / 15 (int4), code = round((x − bias) / scale), kept within its bits. int8: dim unsigned bytes, an fp32 scale, an fp32 bias. int4: dim / 2 bytes, low nibble first, an fp16 scale, an fp16 bias, both rounded before codes are formed. Where scale is 0 any code stands for the bias.',
  dequantise:
    'x has rows of codes, then scale and bias (int8: dim unsigned bytes, an fp32 scale, an fp32 bias; int4: dim / 2 bytes, low nibble first, an fp16 scale, an fp16 bias); out [rows, dim] in fp32 = scale · code + bias.',
  bucketise: 'out[i] = number of boundaries ≤ values[i]; boundaries rise.',
  hash: 'out = h(ids) mod rows as unsigned numbers: h ^= h >> 16; h *= 0x85ebca6b; h ^= h >> 13; h *= 0xc2b2ae35; h ^= h >> 16, in 32 bits without sign. ids and out have `values` elements.',
  'jagged-to-padded':
    'values [tokens, dim] of packed sequences; sequence s begins at offsets[s] (offsets [batch + 1]); out [batch, padded, dim]. Rows that a sequence lacks are 0, rows beyond padded are dropped.',
  'map-id':
    'values [values], table [ids] rises. With i = min(number of table entries < value, ids − 1): out = i + 1 where table[i] == value, else 0.',
  'merge-bucketised':
    'x, out [features, batch]; borders [features, borders] rise, +∞ behind a feature’s last; firstBuckets [features]. out = firstBuckets[feature] + number of the feature’s borders ≤ x.',
  'event-truncate':
    'Of each sample the first `kept` events stay. outerLengths [batch] counts the events of each sample; innerLengths [features, all events] the values of each event; values lie feature by feature, event by event. keptOuterLengths = min(outerLengths, kept); keptInnerLengths and keptValues are the same of what stays, packed. Every feature has as many values as every other, and as many that stay.',
  'optimised-fm':
    'x [batch, vectors, dim], y and out [batch, vectors, rank]. out = X · (Xᵀ Y) for each sample, in either order.',
  pffn: 'x [batch, length, dim]; w [batch, dim, width] and bias [batch, width] of each batch; gain [width]; out [batch, length, width]. h = x · w + bias; where gelu is 1, h = h · Φ(h) with the normal distribution by erf; out = h / √(mean of h² over width + 1e-5) · gain.',
  conv1d:
    'x [batch, inChannels, length], w [outChannels, inChannels, taps], bias [outChannels], out [batch, outChannels, length]. out[b, o, l] = bias[o] + Σ w[o, i, t] · x[b, i, l + t − ⌊(taps − 1) / 2⌋], x being 0 outside.',
  'rms-norm-backward':
    'x, dy, dx [rows, n]; gain, dgain [n]. With r = 1 / √(mean of x² + 1e-5) by row: dx = r · (dy · gain − x · r² · mean over the row of dy · gain · x), dgain = Σ over rows of dy · x · r.',
  softmax: 'x, out [rows, n]. out = e^x / Σ e^x, by row.',
  swiglu: 'a, b, out [rows, n]. out = a · sigmoid(a) · b.',
  'cross-entropy':
    'logits [rows, classes], targets [rows], loss [rows] in fp32 whatever the logits are. loss = log Σ e^logits − logits[target], by row.',
  'top-k':
    'x [rows, n]; values and indices [rows, k]: the k largest of each row, falling, and their columns. Of equal ones the one further left comes first; −0 and 0 are equal.',
};

/** What an operator computes, in words. @throws Error for one that no kernel is searched for */
export function definitionOf(operator: OperatorName): string {
  const definition = definitions[operator];
  if (definition === undefined) throw new Error(`${operator} is no operator that kernels are searched for`);
  return definition;
}
