import type { Distribution, PipelineFigures, TaskFeed } from '../pipeline/pipeline-result.ts';
import type { GapShare } from '../quality/freshness-loss.ts';

/** How the labels of one task come: what quality needs of the pipeline. */
export interface LabelFeed {
  missedShare: number;
  gaps: GapShare[];
}

/** Parts of equal weight as which a distribution of gaps is told. */
const parts = 8;

/**
 * A distribution of which some quantiles are known, as parts of equal weight: linear between the quantiles, even
 * beyond the outer ones. A gap below zero is that of a teacher that knows of later examples: it is not stale.
 */
export function gapShares(distribution: Distribution): GapShare[] {
  const known: [p: number, value: number][] = [
    [0.05, distribution.p05],
    [0.5, distribution.p50],
    [0.9, distribution.p90],
    [0.99, distribution.p99],
  ];
  return Array.from({ length: parts }, (_, index) => {
    const p = (index + 0.5) / parts;
    return { gapS: Math.max(0, quantileAt(known, p)), share: 1 / parts };
  });
}

function quantileAt(known: readonly [number, number][], p: number): number {
  const above = known.findIndex(([at]) => at >= p);
  if (above === 0) return known[0][1];
  if (above < 0) return known.at(-1)![1];
  const [[p0, v0], [p1, v1]] = [known[above - 1], known[above]];
  return v0 + ((p - p0) / (p1 - p0)) * (v1 - v0);
}

/** The feed of one replication, or of the means of several. Without any label in time nothing is learnt from any. */
export function feedOf({ missShare, exampleGapS }: Pick<TaskFeed, 'missShare' | 'exampleGapS'>): LabelFeed {
  if (!exampleGapS) return { missedShare: 1, gaps: [{ gapS: 0, share: 1 }] };
  return { missedShare: missShare, gaps: gapShares(exampleGapS) };
}

/** Means over replications of what feeds are made of; a distribution is that of the replications that have one. */
export function meanFeed(
  replications: readonly PipelineFigures[],
  vertical: number,
  task: number,
): LabelFeed {
  const feeds = replications.map(({ verticals }) => verticals[vertical].tasks[task]);
  const gaps = feeds.flatMap(({ exampleGapS }) => (exampleGapS ? [exampleGapS] : []));
  const missShare = meanOf(feeds.map((feed) => feed.missShare));
  if (gaps.length === 0) return feedOf({ missShare });
  const of = (name: keyof Distribution) => meanOf(gaps.map((gap) => gap[name]));
  const exampleGapS = {
    mean: of('mean'),
    p05: of('p05'),
    p50: of('p50'),
    p90: of('p90'),
    p99: of('p99'),
  };
  return feedOf({ missShare, exampleGapS });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
