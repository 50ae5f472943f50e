// time-limit: 120 s
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../../foundation/files.ts';
import { significant } from '../../../foundation/units.ts';
import { qualityFields } from '../../../scenarios/distillation/costs-schema.ts';
import type { ResolvedDistillation } from '../../../scenarios/distillation/deployment.ts';
import { loadAnyScenario } from '../../../scenarios/files.ts';
import { distillationResultSchema } from '../../../sim/training/distillation-result.ts';
import { qualityConstants } from '../../../sim/training/quality/constants.ts';
import { runDistillation } from '../../../sim/training/run-distillation.ts';
import { answerOf, answerTo, distillationOf, smallDistillation, systemOf } from './scenarios.ts';

const near = (one: number, other: number, tolerance = 1e-9) =>
  assert.ok(
    Math.abs(one - other) <= tolerance * Math.max(Math.abs(one), Math.abs(other)),
    `${one} ≠ ${other}`,
  );

const whole = suite('distillation: the answer');

whole('agrees with its schema, and says the same twice', async () => {
  const more = 'arms: [{name: a}, {name: b, teacher: {label_share: 50 %}}]\n';
  const [one, two] = [await answerTo(more), await answerTo(more)];
  assert.is(JSON.stringify(one), JSON.stringify(two));
  // Nothing that JSON cannot carry: no NaN, no Infinity.
  const read = JSON.parse(JSON.stringify(one));
  assert.equal(read, one);
  assert.equal(distillationResultSchema.parse(read), read);
});

whole('depends on the seed by chance alone', async () => {
  const [one, two] = [await answerTo(''), await answerTo('seed: 2\n')];
  assert.is.not(JSON.stringify(one.arms), JSON.stringify(two.arms));
  const [a, b] = [one, two].map((each) => answerOf(each).pipeline.figures.labelling.use.mean);
  near(a, b, 0.05);
});

whole('of an arm is the same whichever others are asked for', async () => {
  const scenario = await distillationOf(
    `${smallDistillation}arms: [{name: a}, {name: b, verticals: {search: {count: 4}}}]\n`,
  );
  const alone = { ...scenario, arms: [scenario.arms[0]] };
  const [all, one] = [runDistillation(scenario, 'test'), runDistillation(alone, 'test')];
  assert.equal(one.arms[0], all.arms[0]);
});

whole('runs teacher, labels and verticals as PyTorch does where it is asked to', async () => {
  const arms = 'arms: [{name: a}, {name: b, teacher: {fleet: {execution: pytorch}}}]\n';
  const result = await answerTo(arms);
  const [kernels, pytorch] = [answerOf(result), answerOf(result, 1)];
  assert.ok(pytorch.teacher.step.stepS > kernels.teacher.step.stepS);
  assert.ok(pytorch.teacher.labels.batchS > kernels.teacher.labels.batchS);
  // Verticals have a field of their own.
  assert.is(pytorch.verticals[0].step.withHeads.stepS, kernels.verticals[0].step.withHeads.stepS);
});

whole('says of every default and constant what it rests on', async () => {
  const { assumptions } = await answerTo('');
  for (const { name, source, evidence } of assumptions) assert.ok(source.length > 5 && evidence, name);
  const names = assumptions.map(({ name }) => name);
  for (const name of ['join', 'teacher.fleet.host', 'verticals.*.tasks.*.window', 'horizon.step'])
    if (name !== 'horizon.step') assert.ok(names.includes(name), name);
  // What the scenario states is no assumption.
  for (const name of ['teacher.snapshots.every', 'horizon.step', 'replications', 'overlap'])
    assert.not.ok(names.includes(name), name);
  const constants = assumptions.filter(({ group }) => group === 'quality');
  assert.is(constants.length, Object.keys(qualityConstants).length);
});

whole('knows every constant of the quality model by a name of its own', () => {
  assert.equal(Object.values(qualityFields).toSorted(), Object.keys(qualityConstants).toSorted());
});

whole('takes constants that the scenario states', async () => {
  const result = await answerTo(
    'quality: {transfer_at_equal_size: {value: 0, low: 0, high: 0, evidence: measured, source: a test of ours}}\n',
  );
  const { quality } = answerOf(result).verticals[0].tasks[0];
  assert.is(quality!.parts.transferred.value, 0);
  assert.ok(quality!.parts.gain.value < 0);
  const own = result.assumptions.find(({ name }) => name === 'quality.transfer_at_equal_size')!;
  assert.is(own.source, 'a test of ours');
});

whole.run();

const invariants = suite('distillation: invariants through the resolver');

invariants('the teacher is called once for each unique example that is sampled', async () => {
  const result = await answerTo(
    'teacher: {model: wukong, label_share: 60 %}\n',
    smallDistillation.replace(/teacher:\n.*\n.*\n/, ''),
  );
  const { unique, verticals } = answerOf(result).pipeline.figures;
  near(unique.labelled.mean + unique.dropped.mean + unique.queued.mean, unique.sampled.mean);
  near(unique.sampled.mean, 0.6 * unique.arrived.mean);
  const read = verticals.reduce((sum, { tasks }) => sum + tasks[0].arrived.mean, 0);
  // κ = ΣN_v / N_u with 40 % of the second vertical shared: 2 / 1.6.
  near(result.arms[0].workload.overlap, 1.25);
  near(read / unique.arrived.mean, 1.25);
});

invariants('serving does not depend on the teacher', async () => {
  const result = await answerTo(
    'arms: [{name: small}, {name: large, teacher: {model: ads-fm-like}, distillation: {kind: one-head}}]\n',
  );
  const [small, large] = [0, 1].map((index) =>
    answerOf(result, index).verticals.map(({ serving }) => serving),
  );
  for (const [index, serving] of small.entries()) {
    assert.ok(serving.unchanged);
    assert.is(serving.flopPerExample, serving.trainedFlopPerExample);
    assert.is(large[index].flopPerExample, serving.flopPerExample);
    assert.is(large[index].parameters, serving.parameters);
    assert.ok(serving.droppedParameters > 0);
    assert.is(large[index].droppedParameters, 0);
  }
  const teachers = [0, 1].map((index) => answerOf(result, index).teacher.forwardFlop);
  assert.ok(teachers[1] > 10 * teachers[0]);
});

invariants(
  'the teacher’s cost of one vertical falls as one over their number, at the same union',
  async () => {
    const result = await answerTo(
      `overlap: {kind: union, unique_examples_per_day: 1e9}
verticals: {feed: {}}
arms: [{vary: {verticals.feed.count: [1, 4, 16]}}]
`,
      smallDistillation.replace(/verticals:\n.*\n.*\n.*\n/, ''),
    );
    const teacherUsd = [0, 1, 2].map((index) => {
      const { items } = systemOf(result, 'shared-teacher', index).cost;
      return items
        .filter(({ kind }) => kind !== 'vertical training')
        .reduce((sum, { usdPerDay }) => sum + usdPerDay, 0);
    });
    near(teacherUsd[1], teacherUsd[0]);
    near(teacherUsd[2], teacherUsd[0]);
    const extra = [0, 1, 2].map(
      (index) => systemOf(result, 'shared-teacher', index).verticals[0].extraUsdPerDay.equal,
    );
    // Records are read by more verticals: that part alone does not shrink.
    near(extra[1], extra[0] / 4, 0.05);
    near(extra[2], extra[0] / 16, 0.1);
  },
);

invariants('a longer interval between snapshots makes an older teacher and no better model', async () => {
  const result = await answerTo('arms: [{vary: {teacher.snapshots.every: [1 h, 2 h, 6 h, 12 h]}}]\n');
  const figures = result.arms.map((_, index) => {
    const { verticals, pipeline } = answerOf(result, index);
    const [task] = pipeline.figures.verticals[0].tasks;
    return { gap: task.exampleGapS!.mean.mean, ne: verticals[0].tasks[0].quality!.ne.value };
  });
  for (let index = 1; index < figures.length; index++) {
    assert.ok(figures[index].gap > figures[index - 1].gap);
    assert.ok(figures[index].ne >= figures[index - 1].ne);
  }
  const { replicated, gain } = answerOf(result, 3).overBaseline!;
  assert.ok(replicated.exampleGapS.low! > 0);
  assert.ok(gain.value < 0 && gain.high <= 0);
});

invariants('what verticals alike do not change differs by nothing, not by rounding', async () => {
  const result = await answerTo('arms: [{vary: {verticals.search.count: [1, 2, 5]}}]\n');
  for (const index of [1, 2]) {
    const { teacherAgeS, exampleGapS } = answerOf(result, index).overBaseline!.replicated;
    for (const difference of [teacherAgeS, exampleGapS])
      assert.equal(difference, { mean: 0, low: 0, high: 0 });
  }
});

invariants('traffic that rests for a moment of the day is traffic', async () => {
  const resting = smallDistillation.replace(
    /verticals:\n[\s\S]*overlap: .*/,
    'verticals: { feed: { peak_to_mean: 2 } }',
  );
  const { verdict, workload } = (await answerTo('', resting)).arms[0];
  assert.is(verdict.state, 'STABLE');
  assert.is(workload.overlap, 1);
  const alike = resting.replace('peak_to_mean: 2', 'count: 4, peak_to_mean: 2');
  assert.is((await answerTo('overlap: 3\n', alike)).arms[0].workload.overlap, 3);
});

invariants('no label is missed just where the capacity is what the deadline asks for', async () => {
  const more = (servers: number) => `{name: '${servers}', teacher: {labelling: {servers: ${servers}}}}`;
  const heavy = smallDistillation.replace('1e9', '3e11');
  const result = await answerTo(`arms: [${[1, 2, 3, 4, 5, 6].map(more).join(', ')}]\n`, heavy);
  const states = result.arms.map((_, index) => {
    const { pipeline, fleets } = answerOf(result, index);
    const { labelling, verticals } = pipeline.figures;
    const { capacityPerS } = fleets.find(({ role }) => role === 'labelling')!;
    const missed = verticals.some(({ tasks }) => tasks.some(({ missShare }) => missShare.mean > 0));
    // Capacity must suffice in every replication.
    const required = labelling.requiredPerS!.high!;
    if (capacityPerS >= required) assert.not.ok(missed, `${index + 1} servers suffice`);
    if (capacityPerS < labelling.requiredPerS!.low!) assert.ok(missed, `${index + 1} servers do not`);
    return missed;
  });
  assert.ok(states.includes(true) && states.includes(false), 'both are seen');
});

invariants.run();

const fleets = suite('distillation: fleets');

fleets('that are sized keep up with their headroom, and one host less would not', async () => {
  const heavy = smallDistillation.replace('1e9', '3e11');
  const { fleets: sized } = answerOf(await answerTo('', heavy));
  const [training] = sized;
  assert.is(training.sizedBy, 'throughput');
  assert.ok(training.capacityPerS >= 1.2 * training.meanPerS);
  const stated = `${heavy}arms: [{name: a, teacher: {fleet: {hosts: ${training.hosts - 1}}}}]\n`;
  const { fleets: fewer } = answerOf(await answerTo('', stated));
  assert.ok(fewer[0].capacityPerS < 1.2 * fewer[0].meanPerS);
  assert.is(fewer[0].sizedBy, 'stated');
});

fleets('that are stated are paid as they are stated', async () => {
  const result = await answerTo('arms: [{name: a, teacher: {fleet: {hosts: 3}, labelling: {servers: 5}}}]\n');
  const { items } = systemOf(result, 'shared-teacher').cost;
  const held = (kind: string) => items.find((item) => item.kind === kind)!.heldDevices;
  assert.is(held('teacher training'), 24);
  const labelling = answerOf(result).fleets.find(({ role }) => role === 'labelling')!;
  assert.is(held('labelling'), labelling.devices);
  assert.is(labelling.servers, 5);
  assert.ok(result.arms[0].warnings.some((text) => text.startsWith('teacher training states 3 hosts')));
});

fleets('that cannot hold a model say what would help', async () => {
  const result = await answerTo('arms: [{name: a, teacher: {model: ads-fm-like, fleet: {hosts: 2}}}]\n');
  const [{ verdict, answer }] = result.arms;
  assert.is(verdict.state, 'DOES NOT FIT');
  assert.is(answer, undefined);
  assert.match(
    verdict.reasons[0],
    /training of the teacher 'ads-fm-like': a training step does not fit 16 accelerators/,
  );
  assert.ok(
    verdict.reasons.some((line) => /^1\. more hosts: \d+ instead of 2, of 8 accelerators each/.test(line)),
    verdict.reasons.join('\n'),
  );
});

fleets('of label servers lack room for a batch, not for a step', async () => {
  const result = await answerTo(
    'arms: [{name: a, teacher: {model: ads-fm-like, labelling: {hosts_per_server: 1}}}]\n',
  );
  assert.match(
    result.arms[0].verdict.reasons[0],
    /a batch of labels does not fit 8 accelerators of 80\.0 GB/,
  );
});

fleets('that would have to be larger than any say what the largest reaches', async () => {
  const result = await answerTo('', smallDistillation.replace('1e9', '1e15'));
  assert.match(
    result.arms[0].verdict.reasons[0],
    /4096 hosts, .* reach [\d.]+ M of [\d.]+ G examples per second$/,
  );
});

fleets('that fall behind saturate their arm', async () => {
  const result = await answerTo(
    'arms: [{name: a, teacher: {fleet: {hosts: 1}}}]\n',
    smallDistillation.replace('1e9', '3e11'),
  );
  const [{ verdict }] = result.arms;
  assert.is(verdict.state, 'SATURATED');
  assert.match(verdict.reasons.join('\n'), /FM training is asked for/);
});

fleets('whose labels come too late, or whose teacher is no better, say why nothing is gained', async () => {
  const result = await answerTo(
    'arms: [{name: late, teacher: {labelling: {max_fill: 1 h}}}, {name: small, teacher: {model: ncf}}]\n',
  );
  const [late, small] = result.arms.map(({ warnings }) => warnings.join('\n'));
  assert.match(late, /feed gains nothing: no label of the teacher reaches it in time/);
  assert.match(small, /feed gains nothing: its teacher is no better than it is alone/);
});

fleets.run();

const golden = suite('distillation: golden figures of the library');

/** Set to rewrite them after a change that is meant to move them. */
const isUpdating = process.env.RANKFLEET_UPDATE_GOLDEN === '1';

golden('adding the tenth vertical', async () => {
  const scenario = (await loadAnyScenario('tenth-vertical')) as ResolvedDistillation;
  const { arms } = runDistillation(scenario, 'test');
  const lines = arms.flatMap(({ name, verdict, workload, answer }) => [
    `${name}: ${verdict.state}, ${workload.verticals} verticals, κ ${significant(workload.overlap, 5)}`,
    ...answer!.fleets.map(
      (fleet) =>
        `  ${fleet.role} ${fleet.vertical ?? ''}: ${fleet.devices} × ${fleet.copies}, ${fleet.sizedBy}`,
    ),
    ...answer!.systems.map(
      ({ system, cost, meanGain }) =>
        `  ${system}: ${significant(cost.usdPerDay, 5)} USD/day, gain ${[meanGain.value, meanGain.low, meanGain.high].map((each) => significant(100 * each, 4)).join(' ')} %`,
    ),
  ]);
  const text = `${lines.join('\n')}\n`;
  const file = join(packageRoot, 'test/golden/distillation-figures.txt');
  if (isUpdating) writeFileSync(file, text);
  assert.ok(existsSync(file), 'no golden figures');
  assert.is(text, readFileSync(file, 'utf8'));
});

golden.run();
