import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type HorizonSpec,
  type PipelineSpec,
  queueStepsWithin,
  windowsOf,
} from '../../../sim/training/pipeline/pipeline-spec.ts';
import { requiredCapacityPerS } from '../../../sim/training/pipeline/required-capacity.ts';
import { runPipeline } from '../../../sim/training/pipeline/run-pipeline.ts';
import { trafficOf } from '../../../sim/training/pipeline/traffic.ts';
import { anyPipeline, pipelineOf, twoDays, verticalDefaults } from './pipelines.ts';

const key = { seed: 7, replication: 0 };
const runs = { numRuns: 40 };
const day = 86_400;

const invariants = suite('training pipeline: invariants');

invariants('every example is labelled, dropped or waiting, and every VM reads all of its own once', () => {
  fc.assert(
    fc.property(anyPipeline, (spec) => {
      const { unique, verticals } = runPipeline(spec, twoDays, key).figures;
      near(unique.labelled + unique.dropped + unique.queued, unique.sampled);
      near(unique.sampled, unique.arrived * spec.labelling.sampledShare);
      for (const task of verticals.flatMap(({ tasks }) => tasks)) {
        near(task.withLabel + task.missed + task.unsampled + task.waiting, task.arrived);
      }
      // κ = ΣN_v / N_u
      near(verticals.reduce((sum, { tasks }) => sum + tasks[0].arrived, 0) / unique.arrived, spec.overlap);
    }),
    runs,
  );
});

invariants('the FM is called once for each unique example: the same labels for any number of readers', () => {
  const one = runPipeline(pipelineOf(), twoDays, key).figures;
  const readers = Array.from({ length: 5 }, (_, index) => ({ ...verticalDefaults, name: `v${index}` }));
  const five = runPipeline(pipelineOf({ verticals: readers, overlap: 5 }), twoDays, key).figures;
  near(one.unique.labelled, one.unique.arrived);
  near(five.unique.labelled, one.unique.labelled);
  near(five.store.writtenBytesPerDay, one.store.writtenBytesPerDay);
  near(five.store.readBytesPerDay, 5 * one.store.readBytesPerDay);
});

invariants('labels of all snapshots together are the calls of the FM', () => {
  fc.assert(
    fc.property(anyPipeline, (spec) => {
      const { figures, snapshots } = runPipeline(spec, { ...twoDays, warmUpS: 0 }, key);
      near(
        snapshots.reduce((sum, { labels }) => sum + labels, 0),
        figures.unique.labelled,
      );
      for (const { takenS, readyS, trainedThroughS } of snapshots) {
        assert.ok(trainedThroughS <= takenS && takenS <= readyS);
      }
      for (let id = 1; id < snapshots.length; id++) {
        assert.ok(snapshots[id].takenS > snapshots[id - 1].takenS);
        assert.ok(snapshots[id].readyS >= snapshots[id - 1].readyS, 'an older teacher takes over');
        assert.ok(snapshots[id].trainedThroughS >= snapshots[id - 1].trainedThroughS, 'the FM forgets');
      }
    }),
    runs,
  );
});

invariants('the gap grows with the publish interval, at every quantile', () => {
  fc.assert(
    fc.property(anyPipeline, fc.integer({ min: 2, max: 6 }), (spec, times) => {
      // A publisher that is never late; multiples of an interval skip snapshots of it and add none.
      const often = {
        ...spec.snapshots,
        publishS: Math.min(spec.snapshots.publishS, 200),
        publishVariation: 0,
      };
      const seldom = { ...often, intervalS: often.intervalS * times };
      const [fresh, stale] = [often, seldom].map((snapshots) => gapOf({ ...spec, snapshots }));
      if (!fresh || !stale) return assert.is(fresh, stale);
      for (const quantile of ['mean', 'p05', 'p50', 'p90', 'p99'] as const) {
        assert.ok(stale[quantile] >= fresh[quantile] - 1e-6, quantile);
      }
    }),
    runs,
  );
});

invariants('no deadline is missed exactly from the required capacity on', () => {
  const horizon: HorizonSpec = { warmUpS: 0, measuredS: 3 * day, stepS: 300 };
  fc.assert(
    fc.property(anyPipeline, (spec) => {
      const missedWith = (capacityPerS: number) => {
        const labelling = { ...spec.labelling, examplesPerSPerServer: capacityPerS };
        const { verticals } = runPipeline({ ...spec, labelling }, horizon, key).figures;
        return verticals.flatMap(({ tasks }) => tasks).reduce((sum, { missed }) => sum + missed, 0);
      };
      const requiredPerS = requiredForWhatIsRead(spec, horizon);
      assert.is(missedWith(requiredPerS * (1 + 1e-6)), 0);
      assert.ok(missedWith(requiredPerS * (1 - 1e-6)) > 0, 'too little capacity misses nothing');
      // The figure shown also counts the examples that nobody has read by the end.
      const shownPerS = runPipeline(spec, horizon, key).figures.labelling.requiredPerS!;
      assert.ok(shownPerS >= requiredPerS * (1 - 1e-9));
    }),
    runs,
  );
});

invariants('more servers never miss more', () => {
  fc.assert(
    fc.property(anyPipeline, fc.integer({ min: 2, max: 4 }), (spec, servers) => {
      const more = { ...spec, labelling: { ...spec.labelling, servers } };
      const [few, many] = [spec, more].map((of) => runPipeline(of, twoDays, key).figures);
      assert.ok(many.unique.dropped <= few.unique.dropped * (1 + 1e-9));
      many.verticals.forEach(({ tasks }, vertical) => {
        tasks.forEach(({ missed }, task) => {
          assert.ok(missed <= few.verticals[vertical].tasks[task].missed * (1 + 1e-9) + 1e-6);
        });
      });
    }),
    runs,
  );
});

invariants('the same key gives the same figures to the last bit; another replication does not', () => {
  fc.assert(
    fc.property(anyPipeline, (spec) => {
      assert.equal(runPipeline(spec, twoDays, key), runPipeline(spec, twoDays, key));
    }),
    { numRuns: 5 },
  );
  const weather = { coefficientOfVariation: 0.1, correlationS: 3600 };
  const [first, second] = [0, 1].map(
    (replication) => runPipeline(pipelineOf({ weather }), twoDays, { seed: 7, replication }).figures,
  );
  assert.ok(first.unique.arrived !== second.unique.arrived);
});

invariants.run();

function gapOf(spec: PipelineSpec) {
  return runPipeline(spec, twoDays, key).figures.labelling.teacherAgeS;
}

/** The queue of every step in which examples arrived that are read by the end must be served in time. */
function requiredForWhatIsRead(spec: PipelineSpec, horizon: HorizonSpec): number {
  const { unique, steps, stepS } = trafficOf(spec, horizon, key);
  const sampled = unique.map((amount) => amount * spec.labelling.sampledShare);
  const required = windowsOf(spec).map((windowS) => {
    const read = sampled.subarray(0, steps - Math.ceil(windowS / stepS));
    return requiredCapacityPerS(read, queueStepsWithin(windowS, spec, stepS), stepS)!;
  });
  return Math.max(...required);
}

function near(value: number, expected: number): void {
  assert.ok(Math.abs(value - expected) <= 1e-9 * Math.abs(expected) + 1e-6, `${value} is not ${expected}`);
}
