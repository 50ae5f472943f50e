import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../evolve/diagnosis/diagnose.ts';
import type { Subject } from '../../evolve/diagnosis/facts.ts';
import type { Bottleneck } from '../../evolve/diagnosis.ts';
import { type Ceilings, datasheetCeilings } from '../../evolve/evaluation/ceilings.ts';
import type { ResourceReport, ShapeTiming } from '../../evolve/evaluation.ts';
import { attemptOf, cudaOf, failedAttempt, h200, normTask, timingOf, workingWith } from './attempts.ts';

const diagnoses = suite('diagnosis');

const subject: Subject = { task: normTask, language: 'cuda', dataType: 'fp32', device: h200 };
const ceilings: Ceilings = {
  source: 'a test',
  flopPerS: () => 60e12,
  bandwidthBytesPerS: 4e12,
  launchS: 2e-6,
  leastShare: 0.9,
};
const unknown: Ceilings = { source: 'unknown', leastShare: 0 };

/** A timing of a kernel at these shares of the ceilings above, `seconds` long. */
function at(bandwidthShare: number, arithmeticShare: number, seconds = 1e-3): ShapeTiming {
  return {
    ...timingOf(normTask.search[0].shape),
    candidateS: seconds,
    achievedBytesPerS: bandwidthShare * 4e12,
    achievedFlopPerS: arithmeticShare * 60e12,
  };
}

function diagnosed(timing: ShapeTiming, resources: ResourceReport = {}, text = '') {
  return diagnose(
    { artifact: cudaOf(text), evaluation: workingWith([timing], 1, resources) },
    subject,
    ceilings,
  );
}

diagnoses('states shares, intensity and ridge in closed form', () => {
  const diagnosis = diagnosed(at(0.41, 0.1));
  assert.is(diagnosis.ridge, 15);
  assert.ok(Math.abs(diagnosis.intensity - (0.1 * 60e12) / (0.41 * 4e12)) < 1e-9);
  assert.ok(Math.abs(diagnosis.bandwidthShare - 0.41) < 1e-9);
  assert.ok(Math.abs(diagnosis.arithmeticShare - 0.1) < 1e-9);
  assert.ok(Math.abs(diagnosis.speedOfLight - 0.41) < 1e-9);
  assert.equal(diagnosis.findings, [
    'memory-bandwidth: 41.0 % of peak bandwidth, 3.66 FLOP/B where the ridge is 15.0 FLOP/B',
  ]);
});

const cases: [what: string, timing: ShapeTiming, resources: ResourceReport, expected: Bottleneck[]][] = [
  ['bandwidth, below the ridge', at(0.5, 0.1), {}, ['memory-bandwidth']],
  ['arithmetic, above it', at(0.02, 0.5), {}, ['arithmetic']],
  ['latency, far below the bandwidth', at(0.1, 0.01), {}, ['memory-latency', 'memory-bandwidth']],
  ['nothing much left', at(0.92, 0.1), {}, ['near-speed-of-light', 'memory-bandwidth']],
  ['the launch', at(0.3, 0.01, 3e-6), {}, ['launch-overhead', 'memory-bandwidth']],
  ['not the launch at twice its time and more', at(0.3, 0.01, 4.1e-6), {}, ['memory-bandwidth']],
  ['spills', at(0.5, 0.1), { spilledBytes: 64, registers: 255 }, ['spills', 'memory-bandwidth']],
  ['no spills of 0 bytes', at(0.5, 0.1), { spilledBytes: 0 }, ['memory-bandwidth']],
  ['few warps', at(0.4, 0.1), { occupancy: 0.2, blocks: 5000 }, ['occupancy', 'memory-bandwidth']],
  ['few warps that are enough', at(0.7, 0.1), { occupancy: 0.2, blocks: 5000 }, ['memory-bandwidth']],
  ['few warps of tensor cores', at(0.02, 0.4), { occupancy: 0.2, blocks: 5000 }, ['arithmetic']],
  ['few blocks', at(0.4, 0.1), { blocks: 131 }, ['occupancy', 'memory-bandwidth']],
  ['a block for each multiprocessor', at(0.4, 0.1), { blocks: 132 }, ['memory-bandwidth']],
  [
    'bytes that are moved twice, by a counter',
    at(0.4, 0.1),
    { counters: { 'dram__throughput.avg.pct_of_peak_sustained_elapsed': 0.8 } },
    ['redundant-traffic', 'memory-bandwidth'],
  ],
  [
    'operations that are done twice, by a counter',
    at(0.02, 0.4),
    { counters: { 'sm__throughput.avg.pct_of_peak_sustained_elapsed': 0.8 } },
    ['redundant-arithmetic', 'arithmetic'],
  ],
  [
    'few warps that were resident, of those that there was room for',
    at(0.4, 0.1),
    { occupancy: 0.9, counters: { 'sm__warps_active.avg.pct_of_peak_sustained_active': 0.2 } },
    ['occupancy', 'memory-bandwidth'],
  ],
  [
    'warps that wait for memory which is not busy',
    at(0.4, 0.1),
    { counters: counted(0.45, { long_scoreboard: 9, barrier: 2 }) },
    ['memory-latency', 'memory-bandwidth'],
  ],
  [
    'no latency where a barrier holds most of them',
    at(0.4, 0.1),
    { counters: counted(0.45, { long_scoreboard: 2, barrier: 9 }) },
    ['memory-bandwidth'],
  ],
  [
    'no latency where memory is busy',
    at(0.5, 0.1),
    { counters: counted(0.7, { long_scoreboard: 9 }) },
    ['memory-bandwidth'],
  ],
];

function counted(deviceMemory: number, stalls: Record<string, number>): Record<string, number> {
  const waits = Object.entries(stalls).map(([reason, warps]) => [
    `smsp__average_warps_issue_stalled_${reason}_per_issue_active.ratio`,
    warps,
  ]);
  return {
    'dram__throughput.avg.pct_of_peak_sustained_elapsed': deviceMemory,
    ...Object.fromEntries(waits),
  };
}

for (const [what, timing, resources, expected] of cases) {
  diagnoses(`finds ${what}, and defers the rest`, () => {
    const { primary, deferred, findings } = diagnosed(timing, resources);
    assert.equal([primary, ...deferred], expected);
    assert.equal(
      findings.map((finding) => finding.split(': ')[0]),
      expected,
    );
  });
}

diagnoses('counts what goes through scratch memory beyond the cache', () => {
  const launches = `// @launch norm grid(rows) block(32) args(x, scratch, gain, out)`;
  const through = (bytes: number) => diagnosed(at(0.4, 0.1), {}, `// @scratch ${bytes}\n${launches}`).primary;
  assert.is(through(60e6), 'memory-bandwidth', 'of 1.6 GB that are needed a scratch of 60 MB is little');
  assert.is(through(50e6 * 20), 'redundant-traffic');
  assert.is(through(52_428_800), 'memory-bandwidth', 'the cache holds it');
});

diagnoses('counts the launches that a source states', () => {
  const line = '// @launch norm grid(rows) block(32) args(x, gain, out)\n';
  assert.is(diagnosed(at(0.3, 0.01, 9e-6), {}, line).primary, 'memory-bandwidth');
  const { primary, findings } = diagnosed(at(0.3, 0.01, 9e-6), {}, line.repeat(3));
  assert.is(primary, 'launch-overhead');
  assert.match(findings[0], /3 empty launches take 66\.7 % of the time/);
});

diagnoses('looks at the production shape, however long others take', () => {
  const production = { ...at(0.5, 0.1), shape: normTask.search[0].shape };
  const other = { ...at(0.05, 0.01, 1), shape: normTask.search[1].shape };
  const evaluation = workingWith([other, production]);
  const { primary } = diagnose({ artifact: cudaOf(''), evaluation }, subject, ceilings);
  assert.is(primary, 'memory-bandwidth');
  const search = normTask.search.map(({ shape }) => ({ shape }));
  const plain = { ...subject, task: { ...normTask, search } };
  assert.is(diagnose({ artifact: cudaOf(''), evaluation }, plain, ceilings).primary, 'memory-latency');
});

diagnoses('of a failure is the failure, by its stage', () => {
  const attempt = failedAttempt('x', { stage: 'compile', reason: 'no such thing' });
  const diagnosis = diagnose(attempt, subject, ceilings);
  assert.is(diagnosis.primary, 'failed');
  assert.equal(diagnosis.deferred, []);
  assert.is(diagnosis.failure, attempt.evaluation.failure);
  assert.equal(diagnosis.findings, ['failed at compile: no such thing']);
});

diagnoses('look at no shape that is held out', () => {
  const heldOut = { ...at(0.05, 0.01, 1), shape: normTask.heldOut[0].shape, isHeldOut: true };
  const evaluation = workingWith([heldOut, { ...at(0.5, 0.1), shape: { rows: 1, n: 1 } }]);
  assert.is(diagnose({ artifact: cudaOf(''), evaluation }, subject, ceilings).primary, 'memory-bandwidth');
});

diagnoses('without ceilings goes by the operations of a byte and the speed of light that was found', () => {
  const attempt = attemptOf('', 1, { bandwidthShare: 0.3 });
  const { primary, findings, ridge, bandwidthShare } = diagnose(attempt, subject, unknown);
  assert.is(primary, 'memory-bandwidth');
  assert.is(ridge, 0);
  assert.ok(Math.abs(bandwidthShare - 0.3) < 1e-9);
  const [timing] = attempt.evaluation.timings;
  const blind = workingWith([{ ...timing, speedOfLight: 0 }]);
  const nothing = diagnose({ artifact: cudaOf(''), evaluation: blind }, subject, unknown);
  assert.match(nothing.findings[0], /peak bandwidth not known/);
  assert.not(findings[0].includes('not known'));
});

diagnoses('takes ceilings from the catalogue, for devices and types that are in it', () => {
  const { flopPerS, bandwidthBytesPerS, launchS } = datasheetCeilings(h200);
  assert.equal([flopPerS?.('fp16'), bandwidthBytesPerS, launchS], [989.4e12, 4.8e12, 4e-6]);
  assert.is(datasheetCeilings({ ...h200, name: 'SwiftShader' }).source, 'unknown');
});

diagnoses.run();
