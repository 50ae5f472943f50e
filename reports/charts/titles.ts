/** What charts are called, drawn or not. */
export const titles = {
  percentiles: 'Percentiles of latency',
  distribution: 'Latency distribution',
  breakdown: 'Where the time goes',
  load: 'Latency over load',
  price: 'Price of latency',
  fleets: 'Fleets',
  shards: 'Balance of shards',
  roofline: 'Rooflines',
  cache: 'Hits of the cache',
  evidence: 'What latencies rest on',
  sensitivity: 'What the answer is sensitive to',
  growth: 'Growth',
  day: 'A day of load',
  mix: 'Which workload runs where',
  differences: 'Differences of two answers',
} as const;
