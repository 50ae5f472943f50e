import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot, readDocument } from '../../foundation/files.ts';
import { loadConstants } from '../../scenarios/distillation/constants-file.ts';
import { qualityFields } from '../../scenarios/distillation/costs-schema.ts';
import type { ResolvedDistillation } from '../../scenarios/distillation/deployment.ts';
import { loadAnyScenario } from '../../scenarios/files.ts';
import { constantsOf } from '../../sim/training/distillation/case-of.ts';
import { qualityConstants } from '../../sim/training/quality/constants.ts';
import { runDistillation } from '../../sim/training/run-distillation.ts';
import { bundleScenario, resolveBundle } from '../../sweep/scenario-bundle.ts';
import { laterMessageOf } from '../input-error.ts';
import { Folder } from './folder.ts';

const base = `version: 1
kind: distillation
question: Whose constants?
teacher: { model: ads-fm-like, snapshots: { every: 1 d } }
verticals:
  clicks: { model: ads-vm-like, examples_per_day: 1e9, tasks: { click: { window: 15 min, base_rate: 3 % } } }
replications: 2
horizon: { warm_up: 1 d, measured: 2 d, step: 10 min }
`;

const own = `version: 1
kind: quality-constants
from: our own experiment
constants:
  staleness_pass_through: { value: 0.3, low: 0.2, high: 0.4, evidence: fitted, source: our own experiment }
  auxiliary_head_leak: { value: 0.9, low: 0.8, high: 1, evidence: fitted, source: our own experiment }
kept: { adapter_recovery: no adapter was run }
`;

let folder: Folder;

async function scenarioOf(text: string): Promise<ResolvedDistillation> {
  return (await loadAnyScenario(folder.write('scenario.yaml', base + text))) as ResolvedDistillation;
}

const naming = suite('constants of the quality model: whose');

naming.before.each(() => {
  folder = new Folder();
  folder.write('own.yaml', own);
});
naming.after.each(() => folder.remove());

naming('those that are fitted, unless a scenario says otherwise', async () => {
  const fitted = loadConstants('fitted', '');
  const [arm] = (await scenarioOf('')).arms;
  for (const [field, name] of Object.entries(qualityFields)) {
    const expected = fitted[field as keyof typeof fitted] ?? qualityConstants[name];
    assert.equal(constantsOf(arm)[name], expected, field);
  }
});

naming('those of the literature are the ones that the product holds', async () => {
  const [arm] = (await scenarioOf('quality: { constants: literature }')).arms;
  assert.equal(constantsOf(arm), qualityConstants);
});

naming('those of a file, found beside the scenario; what it says itself stands before', async () => {
  const [arm] = (
    await scenarioOf(`quality:
  constants: own.yaml
  auxiliary_head_leak: { value: 0.5, low: 0.4, high: 0.6, evidence: measured, source: known for sure }
`)
  ).arms;
  const { stalenessPassThrough, auxiliaryHeadLeak, adapterRecovery } = constantsOf(arm);
  assert.is(stalenessPassThrough.value, 0.3);
  assert.is(auxiliaryHeadLeak.value, 0.5);
  assert.equal(adapterRecovery, qualityConstants.adapterRecovery);
});

naming(
  'by arm: a teacher that ages costs more where more of it passes through, and the answer says why',
  async () => {
    const scenario = await scenarioOf(
      'baseline: literature\narms:\n  - vary: { quality.constants: [literature, own.yaml] }\n',
    );
    const { arms, assumptions } = runDistillation(scenario, 'test');
    const [before, after] = arms.map(({ answer }) => answer!.verticals[0].tasks[0].quality!);
    const { stalenessPassThrough } = qualityConstants;
    const ratio = after.parts.freshness.value / before.parts.freshness.value;
    assert.ok(Math.abs(ratio / (0.3 / stalenessPassThrough.value) - 1) < 1e-9, `${ratio}`);
    assert.ok(after.parts.bias.value > 100 * before.parts.bias.value);
    assert.ok(after.parts.gain.value < before.parts.gain.value);
    const told = assumptions.filter(({ name }) => name.startsWith('quality.staleness_pass_through'));
    assert.equal(
      told.map(({ value, evidence, source }) => [value, evidence, source]),
      [
        [stalenessPassThrough.value, stalenessPassThrough.evidence, stalenessPassThrough.source],
        [0.3, 'fitted', 'our own experiment'],
      ],
    );
  },
);

naming('those of a file are kept with the scenario', async () => {
  const file = folder.write('scenario.yaml', `${base}quality: { constants: own.yaml }\n`);
  const scenario = (await loadAnyScenario(file)) as ResolvedDistillation;
  const bundle = await bundleScenario(readDocument(file), scenario, 'test');
  folder.write('own.yaml', own.replace('value: 0.3,', 'value: 0.25,'));
  const again = (await resolveBundle(bundle, 'scenario.json')) as ResolvedDistillation;
  assert.is(constantsOf(again.arms[0]).stalenessPassThrough.value, 0.3);
  assert.equal(again.arms[0].quality, scenario.arms[0].quality);
});

naming('of nobody, or of a file that is none, are told where they are named or wrong', async () => {
  const wrong = async (text: string, message: RegExp) => {
    assert.match(await laterMessageOf(() => scenarioOf(text)), message);
  };
  await wrong(
    'quality: { constants: fited }',
    /scenario\.yaml:\d+:\d+: quality\.constants: no constants 'fited' \(did you mean 'fitted'\?\)/,
  );
  await wrong('quality: { constants: missing.yaml }', /missing\.yaml: no such file/);
  folder.write('own.yaml', own.replace('staleness_pass_through', 'staleness_pass'));
  await wrong('quality: { constants: own.yaml }', /own\.yaml:5:\d+: constants\.staleness_pass: unknown key/);
  folder.write('own.yaml', own.replace('high: 0.4', 'high: 0.25'));
  await wrong('quality: { constants: own.yaml }', /must lie between low and high/);
  folder.write('own.yaml', base);
  await wrong(
    'quality: { constants: own.yaml }',
    /own\.yaml:2:\d+: kind: expected quality-constants, got 'distillation'/,
  );
});

naming.run();

const shipped = suite('constants of the quality model: those that ship');

shipped('say what they were fitted to', () => {
  const text = readFileSync(join(packageRoot, 'scenarios/distillation/fitted-constants.yaml'), 'utf8');
  assert.match(text, /^version: 1\nkind: quality-constants\nfrom: /);
  for (const [field, constant] of Object.entries(loadConstants('fitted', ''))) {
    assert.is(constant?.evidence, 'fitted', field);
    assert.match(constant!.source, /seeds; small models, far from the scale of ads/);
  }
});

shipped.run();
