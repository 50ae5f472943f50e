/** A word that the page may use, how it is recognised, and what it means. */
interface Term {
  name: string;
  pattern: RegExp;
  meaning: string;
}

/** Words of the page that a reader may not know, in the order in which they are explained. */
export function glossaryOf(pageText: string): readonly Pick<Term, 'name' | 'meaning'>[] {
  return terms.filter(({ pattern }) => pattern.test(pageText));
}

const terms: readonly Term[] = [
  {
    name: 'p50, p90, p95, p99, p99.9',
    pattern: /\bp(50|9[059])/,
    meaning: 'percentiles: p99 is the latency that 99 of 100 requests stay below.',
  },
  {
    name: '±',
    pattern: /±/,
    meaning:
      'half the width of the interval that holds the true mean with the stated confidence; it says nothing of errors of the model.',
  },
  {
    name: 'ρ',
    pattern: /ρ/,
    meaning: 'utilisation, demand over capacity: 0.9 is 90 % busy, and queues grow without bound from 1 on.',
  },
  {
    name: 'SLA',
    pattern: /\bSLAs?\b/,
    meaning: 'service-level agreement: here, a latency that a percentile must not pass.',
  },
  { name: 'QPS', pattern: /QPS/, meaning: 'queries, that is requests, per second.' },
  {
    name: 'arm',
    pattern: /\barms?\b/,
    meaning: 'one of the variants that are compared; all see the same requests or examples.',
  },
  {
    name: 'replication',
    pattern: /\breplications?\b/,
    meaning:
      'one of several independent runs, each with random numbers of its own; intervals come from how they differ.',
  },
  {
    name: 'replica set',
    pattern: /replica set/i,
    meaning: 'one main host and one host of every other role: the least that can answer a request.',
  },
  {
    name: 'STABLE',
    pattern: /\bSTABLE\b/,
    meaning: 'the simulated latency has settled and its percentile is well sampled.',
  },
  {
    name: 'SATURATED',
    pattern: /\bSATURATED\b/,
    meaning:
      'more is asked of a resource than it can do: latency grows with the length of the run and means nothing.',
  },
  {
    name: 'UNDER-SAMPLED',
    pattern: /UNDER-SAMPLED/,
    meaning: 'the percentile has a wide interval or none: more requests or replications would tell.',
  },
  {
    name: 'DOES NOT FIT',
    pattern: /DOES NOT FIT/,
    meaning: 'the embedding tables are larger than the memory for them.',
  },
  {
    name: 'uncertain',
    pattern: /\buncertain\b/,
    meaning: 'the interval holds the limit, so that it may be met or missed.',
  },
  {
    name: 'main shard, sparse shard',
    pattern: /\b(shards?|sharding)\b/i,
    meaning:
      'the host that answers a request and runs its dense layers; a host that holds some of the embedding tables and is asked for their rows.',
  },
  {
    name: 'NSBP',
    pattern: /\bnsbp\b/i,
    meaning:
      'net-specific bin packing: a shard holds tables of one net only, so that fewer shards are asked at a time.',
  },
  {
    name: 'embedded wait',
    pattern: /embedded wait/i,
    meaning: 'time for which a request waits for its embedding rows, wherever these are.',
  },
  {
    name: 'pooling',
    pattern: /\bpooling/i,
    meaning: 'rows that are read from embedding tables and summed, for one candidate or one user.',
  },
  {
    name: 'candidate',
    pattern: /\bcandidates?\b/,
    meaning: 'one of the items that a request asks to have scored.',
  },
  { name: 'RPC', pattern: /\bRPCs?\b/, meaning: 'remote procedure call: one host asks another.' },
  { name: 'NIC', pattern: /\bNICs?\b/, meaning: 'network interface of a host.' },
  { name: 'DRAM, HBM', pattern: /\b(DRAM|HBM)\b/, meaning: 'memory of a host; memory of an accelerator.' },
  {
    name: 'accelerator',
    pattern: /\baccelerators?\b/i,
    meaning: 'a GPU, or another device beside the CPU, that runs a part of the model.',
  },
  {
    name: 'headroom',
    pattern: /\bheadroom\b/i,
    meaning: 'share of the capacity that the target leaves free; a failure may use it up.',
  },
  {
    name: 'Pareto frontier',
    pattern: /Pareto/,
    meaning:
      'the choices that nothing else beats in all respects at once: to gain in one is to lose in another.',
  },
  {
    name: 'Shapley value',
    pattern: /Shapley/,
    meaning: 'the mean effect of a change over all orders in which the changes can be made.',
  },
  {
    name: 'measured, fitted, transferred, published, datasheet, recollected, assumed',
    pattern: /\b(measured|fitted|transferred|published|datasheet|recollected|assumed)\b/,
    meaning:
      'where an input comes from, strongest first: measured on that device; between its measurements; from another device’s efficiency; ' +
      'from a publication; from a datasheet; remembered and not verified; a guess.',
  },
  {
    name: 'NE',
    pattern: /\bNE\b/,
    meaning:
      'normalized entropy: the loss of predictions over that of predicting the base rate alone; lower is better, 1 is worth nothing.',
  },
  {
    name: 'calibration',
    pattern: /\b[Cc]alibration\b.*Σp/,
    meaning:
      'sum of predicted probabilities over the number of positives: above 1, more is predicted than happens.',
  },
  {
    name: 'AUC',
    pattern: /\bAUC\b/,
    meaning: 'share of pairs of a positive and a negative of which the positive is scored higher.',
  },
  {
    name: 'y_F',
    pattern: /\by_F\b/,
    meaning: 'what the teacher said: its logged probability that an example is positive.',
  },
  {
    name: 'AH, GS, LS, SA',
    pattern: /\bAH\b/,
    meaning:
      'auxiliary head, which learns from the teacher beside the head that serves; gradient scaling (β) of what it sends to the backbone; ' +
      'label scaling (α) of what it learns from; student adapter, which corrects the teacher by fresh labels.',
  },
  {
    name: 'TR',
    pattern: /\bTR\b/,
    meaning: 'transfer ratio: the student’s gain in NE over that of its teacher.',
  },
  {
    name: 'κ',
    pattern: /κ/,
    meaning: 'examples of all verticals over those of their union: 1 without overlap.',
  },
  {
    name: 'seed',
    pattern: /\bseeds?\b/,
    meaning: 'number that all random draws follow from: the same seed gives the same figures.',
  },
];
