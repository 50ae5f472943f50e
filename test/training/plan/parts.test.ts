import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../models/files.ts';
import { modelBytes } from '../../../models/scale-model.ts';
import { TimedJobs } from '../../../sim/training/distillation/timed-jobs.ts';
import { packRuns, type RunLoad } from '../../../sim/training/plan/pack-runs.ts';
import { forwardFlopOf, scaleTeacherModel } from '../../../sim/training/plan/scale-teacher-model.ts';
import { leastServers } from '../../../sim/training/plan/size-labelling.ts';
import { sizeTraining, sizeWithBatch } from '../../../sim/training/plan/size-training.ts';
import { TrainingRates } from '../../../sim/training/plan/training-rates.ts';
import type { StepResult } from '../../../sim/training/step/step-result.ts';

/** Hosts of which each adds what is said, and of which so many hold the model. */
class StatedRates extends TrainingRates {
  private readonly rateOf: (hosts: number) => number;
  private readonly least: number;

  constructor(rateOf: (hosts: number) => number, least = 1) {
    super(new TimedJobs(), () => {
      throw new Error('no job');
    });
    this.rateOf = rateOf;
    this.least = least;
  }

  override fits(hosts: number): boolean {
    return hosts >= this.least;
  }

  override step(hosts: number): StepResult {
    return { examplesPerS: this.rateOf(hosts) } as StepResult;
  }

  override whyNot(): string {
    return 'too large';
  }
}

const sizing = suite('distillation plan: training');

sizing('takes the fewest hosts that hold the model and keep up', () => {
  const cases = fc.record({
    perHost: fc.double({ min: 1, max: 1e5, noNaN: true }),
    /** What each doubling of hosts leaves of the rate of a host. */
    kept: fc.double({ min: 0.7, max: 1, noNaN: true }),
    least: fc.integer({ min: 1, max: 40 }),
    needed: fc.double({ min: 1, max: 1e6, noNaN: true }),
  });
  fc.assert(
    fc.property(cases, ({ perHost, kept, least, needed }) => {
      const rateOf = (hosts: number) => perHost * hosts * kept ** Math.log2(hosts);
      const sized = sizeTraining(new StatedRates(rateOf, least), needed);
      if (sized.state !== 'SIZED') return rateOf(2048) < needed * 1.02;
      const { hosts, examplesPerS } = sized;
      const isLeast = hosts === least || rateOf(hosts - 1) < needed;
      return hosts >= least && examplesPerS >= needed && isLeast;
    }),
  );
});

sizing('of a foundation model at 35 % of peak takes some 86 H100 with its labels', () => {
  // 64 GFLOP forward, 10^10 examples a day, everything trained on and labelled.
  const perS = 1e10 / 86_400;
  const flopPerS = 8 * 989e12 * 0.35;
  const training = sizeTraining(new StatedRates((hosts) => (hosts * flopPerS) / (3 * 64e9)), perS);
  const labelling = sizeTraining(new StatedRates((hosts) => (hosts * flopPerS) / 64e9), perS);
  assert.ok(training.state === 'SIZED' && labelling.state === 'SIZED');
  // 64.2 and 21.4 accelerators, in hosts of eight.
  assert.is(training.hosts, Math.ceil((perS * 3 * 64e9) / flopPerS));
  assert.is(labelling.hosts, Math.ceil((perS * 64e9) / flopPerS));
  const devices = (8 * perS * 4 * 64e9) / flopPerS;
  assert.ok(Math.abs(devices - 86) < 1, `${devices}`);
  assert.is(training.hosts + labelling.hosts, 12);
});

sizing('says what a link that is full leaves, and what does not fit', () => {
  const full = sizeTraining(new StatedRates((hosts) => Math.min(hosts, 8) * 100), 2000);
  assert.ok(full.state === 'CANNOT KEEP UP');
  assert.is(full.examplesPerS, 800);
  assert.is(full.neededPerS, 2000);
  assert.equal(sizeTraining(new StatedRates(() => 1, 1e9), 1), {
    state: 'DOES NOT FIT',
    reason: 'too large',
  });
});

sizing('halves the examples of a step where memory decides', () => {
  const fewerWith = (examples: number) => new StatedRates((hosts) => 1000 * hosts, examples >= 512 ? 10 : 4);
  const sized = sizeWithBatch(fewerWith, 512, 100);
  assert.ok(sized.state === 'SIZED');
  assert.is(sized.hosts, 4);
});

sizing.run();

const servers = suite('distillation plan: label servers');

servers('are the fewest that miss no more than they may', async () => {
  const cases = fc.record({
    enough: fc.integer({ min: 1, max: 60 }),
    truth: fc.integer({ min: 1, max: 60 }),
    most: fc.constantFrom(0, 0.1, 0.5),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ enough, truth, most }) => {
      // Linear to none missed at `truth` servers.
      const missed = async (count: number) => Math.max(0, 1 - count / truth);
      const found = await leastServers(enough, most, missed);
      const isEnough = (await missed(found)) <= most;
      return isEnough && (found === 1 || (await missed(found - 1)) > most);
    }),
  );
});

servers.run();

const packing = suite('distillation plan: runs that share hosts');

packing('lie on hosts with room, all of them, and no two hosts could be one', () => {
  const loads = fc.array(
    fc.record({
      vertical: fc.string(),
      copies: fc.integer({ min: 1, max: 30 }),
      devices: fc.integer({ min: 1, max: 8 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(loads, (list: RunLoad[]) => {
      const hosts = packRuns(list, 8);
      const placed = hosts.reduce(
        (sum, { runs }) => sum + runs.reduce((total, { copies }) => total + copies, 0),
        0,
      );
      const wanted = list.reduce((sum, { copies }) => sum + copies, 0);
      const devices = list.reduce((sum, load) => sum + load.copies * load.devices, 0);
      const used = hosts.reduce((sum, { free }) => sum + 8 - free, 0);
      const halfEmpty = hosts.filter(({ free }) => free >= 4).length;
      return placed === wanted && used === devices && hosts.every(({ free }) => free >= 0) && halfEmpty <= 1;
    }),
  );
});

packing.run();

const scaling = suite('distillation plan: teachers of other sizes');

for (const name of ['ads-fm-like', 'wukong', 'mlperf-dlrm-dcnv2']) {
  scaling(`come near the FLOPs and bytes that are asked for: ${name}`, () => {
    const model = loadModel(name);
    for (const factor of [0.25, 0.5, 2, 4]) {
      const scaled = scaleTeacherModel(model, factor);
      const flop = scaled.forwardFlop / forwardFlopOf(model) / factor;
      const bytes = modelBytes(scaled.model) / modelBytes(model) / factor;
      assert.ok(Math.abs(flop - 1) < 0.1, `${factor}: FLOPs ${flop}`);
      assert.ok(Math.abs(bytes - 1) < 0.01, `${factor}: bytes ${bytes}`);
    }
  });
}

scaling.run();
