import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadHost } from '../../../hardware-profiles/files.ts';
import { allReduce, allToAll } from '../../../sim/training/step/fleet-links.ts';
import { type StepPartName, stepParts } from '../../../sim/training/step/step-result.ts';
import {
  computeParts,
  exposedInPipeline,
  exposedInSequence,
  linkParts,
  type PartSeconds,
} from '../../../sim/training/step/timeline.ts';
import { trainingUnit } from '../../../sim/training/step/training-unit.ts';
import { closeTo, jobOf, roundHost } from './jobs.ts';

const links = suite('training step: collectives');

const unit = trainingUnit(roundHost);
const peer = roundHost.accelerators!.peerLinkBytesPerS.value;
const nic = roundHost.nicBytesPerS.value;
const fleetOf = (hosts: number, host = roundHost) => jobOf({ hosts, host }).fleet;
const roundTripS = fleetOf(2).network.roundTrip.medianS.value;

links('an all-reduce sends 2 (n − 1) / n of the bytes in a ring, and as many between hosts', () => {
  const bytes = 1e9;
  const inside = 4e-6 + (2 * bytes * 7) / 8 / peer;
  assert.ok(closeTo(allReduce(unit, fleetOf(1), bytes).seconds, inside));
  const across = 6 * roundTripS + (2 * bytes * 3) / 4 / nic;
  assert.ok(closeTo(allReduce(unit, fleetOf(4), bytes).seconds, Math.max(inside, across)));
  const slowNic = { ...roundHost, nicBytesPerS: { ...roundHost.nicBytesPerS, value: 1e9 } };
  assert.ok(closeTo(allReduce(unit, fleetOf(4, slowNic), bytes).seconds, 6 * roundTripS + 1.5));
});

links(
  'an all-to-all takes the slower of what stays in hosts and what eight accelerators send by one NIC',
  () => {
    const bytes = 1e8;
    assert.ok(closeTo(allToAll(unit, fleetOf(1), bytes).seconds, 4e-6 + (bytes * 7) / 8 / peer));
    assert.ok(closeTo(allToAll(unit, fleetOf(4), bytes).seconds, roundTripS + (8 * bytes * 3) / 4 / nic));
  },
);

links('one accelerator exchanges nothing', () => {
  const { accelerators } = roundHost;
  const alone = {
    ...roundHost,
    accelerators: { ...accelerators!, count: { ...accelerators!.count, value: 1 } },
  };
  assert.is(allToAll(unit, fleetOf(1, alone), 1e9).seconds, 0);
  assert.is(allReduce(unit, fleetOf(1, alone), 1e9).seconds, 0);
  assert.ok(allReduce(unit, fleetOf(2, alone), 1e9).seconds > 0);
});

links('measured ones stand for other numbers of accelerators, and say so', () => {
  const h200 = loadHost('h200x8');
  const measured = trainingUnit(h200);
  const two = measured.allReduce(2, 2 ** 29);
  const eight = measured.allReduce(8, 2 ** 29);
  assert.is(two.evidence, 'measured');
  assert.is(eight.evidence, 'transferred');
  assert.ok(eight.logError > two.logError);
  // 2 (n − 1) / n of the bytes by every accelerator: 7/4 of what it sends among two.
  assert.ok(closeTo(eight.seconds / two.seconds, 7 / 4, 0.1), `${eight.seconds / two.seconds}`);
});

links.run();

const timeline = suite('training step: overlap');

const seconds = fc.record(
  Object.fromEntries(stepParts.map((name) => [name, fc.double({ min: 0, max: 1, noNaN: true })])) as Record<
    StepPartName,
    fc.Arbitrary<number>
  >,
);

const total = (parts: Partial<PartSeconds>, names: readonly StepPartName[]) =>
  names.reduce((sum, name) => sum + (parts[name] ?? 0), 0);

const slack = 1e-9;

timeline(
  'hides no more than there is, and a step lasts as long as its compute, its link and its input',
  () => {
    fc.assert(
      fc.property(seconds, fc.double({ min: 0, max: 1, noNaN: true }), (parts, share) => {
        const exposed = exposedInPipeline(parts, share);
        for (const [name, each] of Object.entries(exposed) as [StepPartName, number][]) {
          assert.ok(each >= 0 && each <= parts[name] + slack, name);
        }
        const compute = total(parts, computeParts);
        const step = compute + total(exposed, stepParts);
        assert.ok(step >= total(parts, linkParts) - slack);
        assert.ok(step >= Math.max(parts['read-input'], parts['copy-in']) - slack);
        assert.ok(step <= compute + total(exposedInSequence(parts), stepParts) + slack);
      }),
    );
  },
);

timeline('is never longer for a faster part', () => {
  fc.assert(
    fc.property(
      seconds,
      fc.constantFrom(...stepParts),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (parts, name, f) => {
        const stepOf = (of: PartSeconds) =>
          total(of, computeParts) + total(exposedInPipeline(of, 0.1), stepParts);
        assert.ok(stepOf({ ...parts, [name]: f * parts[name] }) <= stepOf(parts) + slack);
      },
    ),
  );
});

timeline(
  'by hand: 3 s of vectors beside 1 s of bottom forward, 10 s of all-reduce beside 6 s of backward',
  () => {
    const none = Object.fromEntries(stepParts.map((name) => [name, 0])) as PartSeconds;
    const parts = {
      ...none,
      'vector-exchange': 3,
      'bottom-forward': 1,
      'top-backward': 4,
      'bottom-backward': 2,
      'gradient-exchange': 1,
      'table-update': 1,
      'all-reduce': 10,
      'copy-in': 20,
    };
    const exposed = exposedInPipeline(parts, 0.05);
    assert.is(exposed['vector-exchange'], 2);
    assert.is(exposed['gradient-exchange'], 0);
    // 4 of the top, 2 − 1 of the bottom, 1 of the update.
    assert.is(exposed['all-reduce'], 4);
    // 8 s of compute and 6 s of links: 20 s of copying last 6 s longer.
    assert.is(exposed['copy-in'], 6);
  },
);

timeline.run();
