import fc from 'fast-check';
import type {
  HorizonSpec,
  PipelineSpec,
  VerticalSpec,
} from '../../../sim/training/pipeline/pipeline-spec.ts';

const hour = 3600;
const day = 24 * hour;

export const verticalDefaults: VerticalSpec = {
  name: 'feed',
  examplesPerDay: 8.64e8,
  peakToMean: 1.5,
  peakAtS: 20 * hour,
  tasks: [{ name: 'click', windowS: 1800, delay: { kind: 'weibull', medianS: 120, shape: 0.7 } }],
  runs: 1,
  replayS: 0,
};

/** One vertical of 10⁴ examples a second on average; labels 2·10⁴ a second at most. */
export function pipelineOf(changes: Partial<PipelineSpec> = {}): PipelineSpec {
  return {
    verticals: [verticalDefaults],
    overlap: 1,
    weather: { coefficientOfVariation: 0, correlationS: hour },
    joinS: 60,
    training: { sampledShare: 1, examplesPerS: 3e4, windowS: 1800 },
    snapshots: { intervalS: 6 * hour, publishS: 1200, publishVariation: 0, loadS: 300 },
    labelling: {
      sampledShare: 1,
      servers: 20,
      examplesPerSPerServer: 1000,
      batchExamples: 512,
      maxFillS: 0.1,
    },
    store: { recordBytes: 18, retentionS: 30 * day },
    ...changes,
  };
}

export const twoDays: HorizonSpec = { warmUpS: day, measuredS: 2 * day, stepS: 300 };

/** Any pipeline that can be simulated, often with too few servers or too slow training. */
export const anyPipeline: fc.Arbitrary<PipelineSpec> = fc
  .record({
    sizes: fc.array(fc.double({ min: 1e6, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 3 }),
    peakToMean: fc.double({ min: 1, max: 2, noNaN: true }),
    windowsS: fc.array(fc.integer({ min: 600, max: 20 * hour }), { minLength: 1, maxLength: 2 }),
    overlapping: fc.double({ min: 0, max: 1, noNaN: true }),
    coefficientOfVariation: fc.double({ min: 0, max: 0.5, noNaN: true }),
    sampledShare: fc.double({ min: 0.05, max: 1, noNaN: true }),
    /** Capacity and throughput over the mean need. */
    capacity: fc.double({ min: 0.3, max: 3, noNaN: true }),
    throughput: fc.double({ min: 0.3, max: 3, noNaN: true }),
    intervalS: fc.integer({ min: 300, max: day }),
    publishS: fc.integer({ min: 0, max: 2 * hour }),
    publishVariation: fc.constantFrom(0, 0.3),
  })
  .map((drawn) => {
    const total = drawn.sizes.reduce((sum, size) => sum + size, 0);
    const overlap = 1 + drawn.overlapping * (total / Math.max(...drawn.sizes) - 1);
    const needPerS = (drawn.sampledShare * total) / overlap / day;
    return pipelineOf({
      verticals: drawn.sizes.map((examplesPerDay, index) => ({
        ...verticalDefaults,
        name: `v${index}`,
        examplesPerDay,
        peakToMean: drawn.peakToMean,
        tasks: drawn.windowsS.map((windowS, task) => ({
          ...verticalDefaults.tasks[0],
          name: `t${task}`,
          windowS,
        })),
      })),
      overlap,
      weather: { coefficientOfVariation: drawn.coefficientOfVariation, correlationS: hour },
      training: {
        sampledShare: drawn.sampledShare,
        examplesPerS: drawn.throughput * needPerS,
        windowS: 3 * hour,
      },
      snapshots: {
        intervalS: drawn.intervalS,
        publishS: drawn.publishS,
        publishVariation: drawn.publishVariation,
        loadS: 60,
      },
      labelling: {
        sampledShare: drawn.sampledShare,
        servers: 1,
        examplesPerSPerServer: drawn.capacity * needPerS,
        batchExamples: 1,
        maxFillS: 1,
      },
    });
  });
