import type { EvidencedRange } from './evidenced-range.ts';

const dayS = 86_400;

/**
 * Every constant of the quality model. Figures that third parties report of a paper count as `recollected`: they
 * set a default and are not quoted as published. Ranges are a model choice, unless the source says more.
 */
export const qualityConstants = {
  /** Share of LogLoss saved by four times the teacher's forward FLOPs. */
  gainPerQuadrupledCompute: {
    value: 0.000_98,
    low: 0.0005,
    high: 0.0012,
    evidence: 'recollected',
    source: 'Wukong (arXiv 2403.02545) as reported: 0.098 % per 4× compute, 1 to 100 GFLOP per example',
  },
  /** Share of LogLoss saved by four times the teacher's training examples. */
  gainPerQuadrupledData: {
    value: 0.000_98,
    low: 0.0003,
    high: 0.002,
    evidence: 'assumed',
    source:
      'as much as for compute; that data still pays is published (Ardalani, arXiv 2208.08489), not how much',
  },
  /** Share of the teacher's gain that a student of the teacher's own size would keep. */
  transferAtEqualSize: {
    value: 0.6,
    low: 0.45,
    high: 0.7,
    evidence: 'recollected',
    source: 'Rec-Distill (arXiv 2605.29755) as reported: above 60 % at best',
  },
  /** Quadruplings of teacher over student at which the transfer ratio is down to half. */
  quadruplingsToHalfTransfer: {
    value: 13.5,
    low: 6,
    high: 40,
    evidence: 'assumed',
    source: 'transfer ratio falls with scale (reported); set so that it is 0.3 to 0.6 at 3200×',
  },
  /** Factor on the transfer ratio where representations go to the student beside the label. */
  representationTransfer: {
    value: 2,
    low: 1.5,
    high: 2,
    evidence: 'published',
    source:
      'GEM (engineering.fb.com, 2025-11-10): twice standard distillation; LoopFM is reported to double it too',
  },
  /** Factor on the transfer ratio where the student learns through an auxiliary head, not its serving head. */
  auxiliaryHeadTransfer: {
    value: 1,
    low: 0.6,
    high: 1.5,
    evidence: 'assumed',
    source:
      'sources disagree: one reported AUC gain is 3.2 times as large with it, a probe of ours has 0.6 times',
  },
  /** Share of one-head bias that still reaches the serving head through the backbone. */
  auxiliaryHeadLeak: {
    value: 0.04,
    low: 0,
    high: 0.1,
    evidence: 'transferred',
    source:
      'a probe of ours on flight delays (2 seeds): calibration 1.01 to 1.02 with it, 1.43 with one head',
  },
  /** The same with the student adapter, whose target is fitted to labels. */
  studentAdapterLeak: {
    value: 0.04,
    low: 0,
    high: 0.1,
    evidence: 'transferred',
    source:
      'the same probe, which showed no difference between an auxiliary head with and without the adapter',
  },
  /** Share of LogLoss that a model loses when it is a week old instead of a day. */
  lossOfWeekOverDay: {
    value: 0.01,
    low: 0.005,
    high: 0.015,
    evidence: 'published',
    source: 'He et al. 2014: weekly to daily training cuts NE by about 1 %',
  },
  /** Gap from which on freshness loss grows only with the logarithm of the gap, in seconds. */
  freshnessScaleS: {
    value: dayS,
    low: dayS / 4,
    high: 3 * dayS,
    evidence: 'assumed',
    source: 'no source; a day suits the NE by lag of a probe of ours on flight delays',
  },
  /** Share of the teacher's freshness loss that its student takes over. */
  stalenessPassThrough: {
    value: 0.05,
    low: 0,
    high: 0.4,
    evidence: 'transferred',
    source:
      'the same probe: 0.04 and 0.06 of it from fresh to 28 days with one head; at most the transfer ratio',
  },
  /** Share of that which the student adapter wins back. */
  adapterRecovery: {
    value: 0.5,
    low: 0,
    high: 0.9,
    evidence: 'assumed',
    source: 'that it helps is reported, not how much; the probe did not show it',
  },
  /** Power of the labelled share of examples in the gain: 1 where each label adds as much. */
  coveragePower: {
    value: 1,
    low: 0.5,
    high: 1,
    evidence: 'assumed',
    source: 'no source: proportional, or with diminishing returns',
  },
} satisfies Record<string, EvidencedRange>;

export type QualityConstantName = keyof typeof qualityConstants;

/** Constants with their ranges; measured curves replace some of them. */
export type QualityConstants = Record<QualityConstantName, EvidencedRange>;

/** One value for each constant. */
export type QualityValues = Record<QualityConstantName, number>;

/** What the law of compute was observed over, FLOP per example; beyond it the law is extrapolated. */
export const scalingLawRangeFlop = { from: 1e9, to: 100e9 } as const;
