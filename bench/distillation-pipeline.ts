import { performance } from 'node:perf_hooks';
import type { PipelineSpec, VerticalSpec } from '../sim/training/pipeline/pipeline-spec.ts';
import { runPipeline } from '../sim/training/pipeline/run-pipeline.ts';

export interface DistillationPipelineRow {
  verticals: number;
  examplesPerDay: number;
  seconds: number;
}

const day = 86_400;
const examplesPerDay = 1e10;
const horizon = { warmUpS: day, measuredS: 7 * day, stepS: 60 };
const runs = 5;

/** A week (after a day of warm-up) of 10¹⁰ examples a day in steps of a minute; the median of five runs counts. */
export function benchDistillationPipeline(): DistillationPipelineRow[] {
  return [10, 100, 400].map((verticals) => {
    const spec = pipelineOf(verticals);
    const seconds = Array.from({ length: runs }, (_, replication) => {
      const started = performance.now();
      runPipeline(spec, horizon, { seed: 1, replication });
      return (performance.now() - started) / 1e3;
    });
    return { verticals, examplesPerDay, seconds: seconds.sort((a, b) => a - b)[Math.floor(runs / 2)] };
  });
}

function pipelineOf(count: number): PipelineSpec {
  const verticals = Array.from(
    { length: count },
    (_, index): VerticalSpec => ({
      name: `vertical ${index}`,
      examplesPerDay: examplesPerDay / count,
      peakToMean: 1.5,
      peakAtS: (index % 24) * 3600,
      tasks: [
        { name: 'click', windowS: 900, delay: { kind: 'weibull', medianS: 60, shape: 0.7 } },
        { name: 'conversion', windowS: day, delay: { kind: 'weibull', medianS: 7200, shape: 0.5 } },
      ],
      runs: 1,
      replayS: 0,
    }),
  );
  return {
    verticals,
    overlap: 1,
    weather: { coefficientOfVariation: 0.05, correlationS: 3600 },
    joinS: 60,
    training: { sampledShare: 1, examplesPerS: 1.5e5, windowS: day },
    snapshots: { intervalS: 6 * 3600, publishS: 1200, publishVariation: 0.2, loadS: 300 },
    labelling: {
      sampledShare: 1,
      servers: 140,
      examplesPerSPerServer: 1000,
      batchExamples: 512,
      maxFillS: 0.1,
    },
    store: { recordBytes: 18, retentionS: 30 * day },
  };
}
