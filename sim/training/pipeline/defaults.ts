import type { Evidenced } from '../../../foundation/evidence.ts';

const day = 86_400;

/** What a pipeline assumes where a scenario says nothing, each with what it rests on. */
export const pipelineDefaults = {
  /** Waiting window of a click (s). */
  clickWindowS: recollected(15 * 60, 'label windows of minutes for clicks'),
  /** Waiting window of a conversion (s). */
  conversionWindowS: recollected(day, 'label windows of about a day for conversions'),
  /** One label of the shared store (B): id 8, probability in fp16 2, snapshot id 4, timestamp 4. */
  recordBytes: assumed(18, 'id 8 B + fp16 probability 2 B + snapshot id 4 B + timestamp 4 B'),
  retentionS: assumed(30 * day, 'records kept for 30 days'),
  joinS: assumed(60, 'a join of one minute'),
  snapshotIntervalS: assumed(6 * 3600, 'labels a few hours fresh'),
  sampledShare: assumed(1, 'every unique example is trained on and labelled'),
  overlap: assumed(1, 'verticals share no example'),
  peakToMean: assumed(1.5, 'a cosine over the day, half as much again at its peak'),
  weatherVariation: assumed(0.05, 'traffic within about 5 % of its daily course'),
  weatherCorrelationS: assumed(3600, 'deviations that last about an hour'),
} satisfies Record<string, Evidenced>;

function recollected(value: number, source: string): Evidenced {
  return { value, evidence: 'recollected', source };
}

function assumed(value: number, source: string): Evidenced {
  return { value, evidence: 'assumed', source };
}
