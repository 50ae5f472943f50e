// time-limit: 400 s
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uniqueRates } from '../../sim/training/distillation/demand.ts';
import { distillationPlanSchema } from '../../sim/training/plan/distillation-plan-result.ts';
import { distillationOf } from '../training/distillation/scenarios.ts';
import { busyDistillation, only, planOf } from '../training/plan/planners.ts';

const fleets = suite('distillation plan: fleets');

fleets('keep up with the peak and leave the headroom free; one host less does not', async () => {
  const plan = only(await planOf());
  const { peakPerS } = uniqueRates((await distillationOf(busyDistillation)).arms[0]);
  const [training, labelling, ...others] = plan.fleets;
  assert.ok(training.needed > 1 && labelling.needed > 1, 'the scenario needs several of each');
  assert.ok(training.capacityPerS! * 0.8 >= peakPerS * (1 - 1e-9));
  assert.ok(Math.abs(training.peakPerS - peakPerS) < 1e-6 * peakPerS);
  assert.ok(!training.oneLess!.fits || training.oneLess!.capacityPerS! * 0.8 < peakPerS);
  for (const fleet of [training, ...others]) assert.ok(fleet.peakUse <= 0.8 + 1e-9, fleet.role);
});

fleets('miss no label, also without the headroom, and some with one server less', async () => {
  const { proof } = only(await planOf());
  assert.equal(
    proof.map(({ state, holds, shouldHold }) => [state, holds, shouldHold]),
    [
      ['as planned', true, true],
      ['headroom taken', true, true],
      ['one label server less', false, false],
    ],
  );
  assert.is(proof[1].worstMissShare, 0);
  assert.ok(proof[2].worstMissShare > 0);
});

fleets('may be smaller where labels may be missed', async () => {
  const [none, some] = [only(await planOf()), only(await planOf('plan: { miss: 20 % }\n'))];
  assert.ok(some.fleets[1].needed < none.fleets[1].needed);
  assert.ok(some.proof.every(({ holds, shouldHold }) => holds === shouldHold));
});

fleets('with spares cost them, and need as many others', async () => {
  const [without, spared] = [only(await planOf()), only(await planOf('plan: { spares: 2 }\n'))];
  spared.fleets.forEach((fleet, index) => {
    assert.is(fleet.needed, without.fleets[index].needed);
    assert.is(fleet.hosts, fleet.needed + 2);
  });
  assert.ok(spared.money.total > without.money.total);
  assert.ok(spared.watts > without.watts);
});

fleets('add up', async () => {
  const { fleets: all, hosts, hostsByType, money, watts, verticals } = only(await planOf());
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const near = (one: number, other: number) => assert.ok(Math.abs(one - other) < 1e-6 * Math.abs(other));
  assert.is(sum(all.map((fleet) => fleet.hosts)), hosts);
  assert.is(sum(Object.values(hostsByType)), hosts);
  near(sum(all.map((fleet) => fleet.watts)), watts);
  const { teacherTraining, labelling, verticalTraining, storage, moved, total, noTeacher, extra } = money;
  near(teacherTraining + labelling + verticalTraining + storage + moved, total);
  near(total - noTeacher, extra);
  // What the verticals pay together is what everything costs: their own hosts, and all that the teacher adds.
  near(sum(verticals.map(({ count, ownUsdPerDay }) => count * ownUsdPerDay)), verticalTraining);
  for (const by of ['equal', 'byExamples'] as const)
    near(sum(verticals.map(({ count, teacherUsdPerDay }) => count * teacherUsdPerDay[by])), extra);
});

fleets('are the same again, agree with the schema, and hold nothing that JSON cannot', async () => {
  const [one, two] = [await planOf(), await planOf()];
  assert.is(JSON.stringify(one), JSON.stringify(two));
  const read = JSON.parse(JSON.stringify(one));
  assert.equal(read, one);
  assert.equal(distillationPlanSchema.parse(read), read);
});

fleets('of the best alternative cost least above no teacher', async () => {
  const plan = await planOf(
    'arms: [{name: all}, {name: half, teacher: {train_share: 50 %, label_share: 50 %}}]\n',
  );
  assert.is(plan.best, 'half');
  const [all, half] = plan.alternatives.map((one) => one.plan!);
  assert.ok(half.money.extra < all.money.extra && half.gain.value < all.gain.value);
});

fleets.run();

const choice = suite('distillation plan: the teacher under a budget');

const sizes = 'sizes: [0.25, 0.5, 1, 2], train_shares: [25 %, 100 %], label_shares: [50 %, 100 %]';
const small = busyDistillation.replace('2e11', '2e10');

choice('gains no less with a larger budget, and is within it', async () => {
  let least = 0;
  for (const budget of [3000, 6000, 12_000, 50_000]) {
    const made = await planOf(`plan: { budget: ${budget} USD/day, ${sizes} }\n`, { base: small });
    const { choice: found, plan } = made.alternatives[0];
    if (!plan) continue;
    assert.ok(plan.money.extra <= budget, `${plan.money.extra}`);
    assert.ok(found!.chosen!.gain >= least - 1e-12, `${budget}`);
    least = found!.chosen!.gain;
    const { size } = found!;
    assert.ok(size!.low <= found!.chosen!.size && found!.chosen!.size <= size!.high);
  }
  assert.ok(least > 0, 'some budget is enough');
});

choice('stands on the frontier, which rises in cost and gain', async () => {
  const made = await planOf(`plan: { budget: 9000 USD/day, ${sizes} }\n`, { base: small });
  const { frontier, chosen } = made.alternatives[0].choice!;
  for (const [index, point] of frontier.entries()) {
    if (index === 0) continue;
    assert.ok(point.gain > frontier[index - 1].gain);
    assert.ok(point.extraUsdPerDay > frontier[index - 1].extraUsdPerDay);
  }
  const beaten = frontier.filter(
    ({ extraUsdPerDay, gain }) => extraUsdPerDay <= 9000 && gain > chosen!.gain + 1e-12,
  );
  assert.equal(beaten, []);
});

choice('fails by how much, and what is said to help does', async () => {
  const made = await planOf(`plan: { budget: 500 USD/day, ${sizes} }\n`, { base: small });
  assert.is(made.best, undefined);
  const [{ state, reasons }] = made.alternatives;
  assert.is(state, 'NO TEACHER IN BUDGET');
  assert.match(reasons[0], /500 USD\/day: \d+ USD\/day too much/);
  const remedy = made.remedies.find(({ constraint }) => constraint === 'plan.budget')!;
  const again = await planOf(`plan: { budget: ${remedy.to}, ${sizes} }\n`, { base: small });
  assert.is(again.alternatives[0].state, 'PLANNED');
});

choice.run();

const limits = suite('distillation plan: limits');

limits('that are passed are told by how much, and each remedy for a limit is enough alone', async () => {
  const made = await planOf('plan: { limits: { power: 20 kW } }\n');
  assert.is(made.best, undefined);
  assert.match(
    made.alternatives[0].reasons[0],
    /needs [\d.]+ kW, plan\.limits\.power allows 20\.0 kW: [\d.]+ kW too much/,
  );
  const power = made.remedies.find(({ constraint }) => constraint === 'plan.limits.power')!;
  const again = await planOf(`plan: { limits: { power: ${power.to} } }\n`);
  assert.is(again.alternatives[0].state, 'PLANNED');
});

limits('of stock and hosts count every fleet', async () => {
  const { hosts } = only(await planOf());
  const states = await Promise.all(
    [hosts, hosts - 1].map(async (stock) => {
      const made = await planOf('', { spec: { stock: { h100x8: stock } } });
      return made.alternatives[0].state;
    }),
  );
  assert.equal(states, ['PLANNED', 'EXCEEDS LIMITS']);
});

limits('of gain: a line that is reached is a remedy', async () => {
  const made = await planOf('plan: { gain: 50 % }\n');
  assert.is(made.alternatives[0].state, 'GAINS TOO LITTLE');
  const { to } = made.remedies.find(({ constraint }) => constraint === 'plan.gain')!;
  assert.is((await planOf(`plan: { gain: ${to} }\n`)).alternatives[0].state, 'PLANNED');
});

limits('of time: a batch that comes after its deadline has remedies that work', async () => {
  const base = busyDistillation
    .replace('window: 10 min', 'window: 2 min')
    .replace('step: 5 min', 'step: 1 min')
    .replace('snapshots: { every: 3 h }', 'snapshots: { every: 3 h }\n  labelling: { max_fill: 5 min }');
  const made = await planOf('', { base });
  const [{ state, reasons }] = made.alternatives;
  assert.is(state, 'BATCH TOO SLOW');
  assert.match(reasons[0], /a label is due 60\.0 s after its impression.* a batch alone takes/);
  const fill = made.remedies.find(({ constraint }) => constraint === 'teacher.labelling.max_fill')!;
  const again = await planOf('', { base: base.replace('max_fill: 5 min', `max_fill: ${fill.to}`) });
  assert.is(again.alternatives[0].state, 'PLANNED');
});

limits.run();

const snapshots = suite('distillation plan: snapshots');

snapshots('are as rare as pays', async () => {
  const asked = async (line: string) =>
    (await planOf(`plan: { snapshot_intervals: [30 min, 3 h, 12 h], snapshot_gain: ${line} }\n`))
      .alternatives[0];
  const [any, none] = [await asked('0 %'), await asked('10 %')];
  assert.is(any.snapshots!.chosenS, 1800);
  assert.is(none.snapshots!.chosenS, 12 * 3600);
  assert.is(none.plan!.teacher.snapshotEveryS, 12 * 3600);
  const { intervals } = any.snapshots!;
  assert.equal(
    intervals.map(({ everyS }) => everyS),
    [43_200, 10_800, 1800],
  );
  for (const [index, one] of intervals.entries()) {
    if (index === 0) continue;
    assert.ok(one.gain.value >= intervals[index - 1].gain.value);
    assert.ok(one.publishedBytesPerDay > intervals[index - 1].publishedBytesPerDay);
  }
});

snapshots.run();

const sensitivity = suite('distillation plan: what moves it');

sensitivity('moves as it should', async () => {
  const { sensitivity: found } = await planOf('', { withSensitivity: true });
  const knob = (name: RegExp) => found!.knobs.find((one) => name.test(one.name))!;
  const { base } = found!;
  const examples = knob(/examples per day/);
  assert.ok(examples.down.hosts! < base.hosts && examples.up.hosts! > base.hosts);
  assert.ok(examples.down.usdPerDay! < base.usdPerDay && examples.up.usdPerDay! > base.usdPerDay);
  const overlap = knob(/overlap/);
  assert.ok(overlap.up.hosts! <= base.hosts && overlap.down.hosts! >= base.hosts);
  const price = knob(/price/);
  assert.is(price.up.hosts, base.hosts);
  assert.ok(price.up.usdPerDay! > base.usdPerDay && price.down.usdPerDay! < base.usdPerDay);
  const size = knob(/FLOPs/);
  assert.ok(size.up.gain! > base.gain && size.down.gain! < base.gain);
  assert.ok(size.up.usdPerDay! >= base.usdPerDay);
});

sensitivity.run();
