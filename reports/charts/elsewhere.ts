import type { SubjectKind } from '../subject.ts';
import type { Absence } from './chart.ts';
import { titles } from './titles.ts';

const simulate = 'rankfleet simulate makes one, of every arm of a scenario';
const plan = 'rankfleet plan makes one';

/** What each kind of answer has no data for, and which command gives it. */
const absences: Record<SubjectKind, [title: string, reason: string][]> = {
  result: [
    [titles.sensitivity, 'a result has its arms only: rankfleet plan turns every knob of a scenario'],
    [titles.growth, `a result is of today: ${plan} of a scenario with plan.growth`],
    [titles.day, `a result is of one load: ${plan} of a scenario with plan.autoscaling`],
    [titles.mix, `a result is of given fleets: ${plan} of a scenario with several workloads`],
    [titles.differences, 'rankfleet compare sets this result beside another, or beside a scenario'],
  ],
  plan: [
    [titles.distribution, `a plan keeps percentiles only: ${simulate}`],
    [titles.breakdown, `a plan keeps no breakdown: ${simulate}`],
    [titles.shards, `a plan keeps no figures of single shards: ${simulate}`],
    [titles.roofline, `a plan keeps no operators: ${simulate}`],
    [titles.cache, `a plan keeps no caches: ${simulate}`],
    [titles.differences, 'rankfleet compare sets two scenarios or results beside each other'],
  ],
  sweep: [
    [titles.percentiles, `a sweep has a row for each point: ${simulate}, with the values of a point`],
    [titles.distribution, `a sweep keeps percentiles only: ${simulate}`],
    [titles.breakdown, `a sweep keeps no breakdown: ${simulate}`],
    [titles.shards, `a sweep keeps no figures of single shards: ${simulate}`],
    [titles.roofline, `a sweep keeps no operators: ${simulate}`],
    [titles.sensitivity, 'rankfleet plan turns every knob of a scenario, one at a time'],
    [titles.differences, 'rankfleet compare sets two scenarios or results beside each other'],
  ],
  distillation: [
    [titles.differences, 'rankfleet compare sets this result beside another one of distillation'],
  ],
  'distillation-plan': [
    [titles.gainAndPrice, `a plan has a table of its choices: ${simulate}`],
    [titles.gainParts, `a plan keeps the gains alone: ${simulate}`],
    [titles.freshness, `a plan keeps two quantiles of the gap: ${simulate}`],
    [titles.steps, `a plan keeps no steps: ${simulate}`],
  ],
  'distillation-comparison': [
    [titles.gainAndPrice, `a comparison keeps differences: ${simulate}`],
    [titles.gainParts, `a comparison keeps differences: ${simulate}`],
    [titles.freshness, `a comparison keeps differences: ${simulate}`],
    [titles.steps, `a comparison keeps differences: ${simulate}`],
  ],
  comparison: [
    [titles.percentiles, `a comparison keeps differences: ${simulate}`],
    [titles.distribution, `a comparison keeps differences: ${simulate}`],
    [titles.shards, `a comparison keeps no figures of single shards: ${simulate}`],
    [titles.sensitivity, 'rankfleet plan turns every knob of a scenario, one at a time'],
  ],
};

/** Charts that this kind of answer never has. */
export function elsewhere(kind: SubjectKind): Absence[] {
  return absences[kind].map(([title, reason]) => ({ title, reason }));
}
