import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResolvedDistillation } from '../../scenarios/distillation/deployment.ts';
import { loadAnyScenario, loadScenario } from '../../scenarios/files.ts';
import { prepareScenario } from '../../sim/training/distillation/prepare-scenario.ts';
import { laterMessageOf } from '../input-error.ts';
import { Folder } from './folder.ts';

const folder = new Folder();

const head = `kind: distillation
teacher: { model: wukong }
`;

const one = `verticals:
  feed:
    model: ads-vm-like
    examples_per_day: 1e9
    tasks: { click: { base_rate: 3 % } }
`;

async function load(text: string, name = 's.yaml'): Promise<ResolvedDistillation> {
  return (await loadAnyScenario(folder.write(name, text))) as ResolvedDistillation;
}

async function problemOf(text: string): Promise<string> {
  const message = await laterMessageOf(async () => prepareScenario(await load(text)));
  return message.replaceAll(`${folder.path}/`, '');
}

/** Each case: the scenario, then the problem. */
function answered(name: string, cases: Record<string, [text: string, problem: string | RegExp]>): void {
  const test = suite(`bad distillation scenarios: ${name}`);
  for (const [title, [text, problem]] of Object.entries(cases)) {
    test(title, async () => {
      const message = await problemOf(text);
      if (typeof problem === 'string') assert.is(message, problem);
      else assert.match(message, problem);
    });
  }
  test.run();
}

answered('fields', {
  'an unknown kind': [
    'kind: distilation\n',
    /^s\.yaml:1:7: kind: expected one of serving, distillation, got 'distilation' \(did you mean 'distillation'\?\)$/,
  ],
  'an unknown key': [
    `${head}${one}overlapp: 2\n`,
    "s.yaml:8:11: overlapp: unknown key 'overlapp' (did you mean 'overlap'?)",
  ],
  'a key of serving': [`${head}${one}load: {}\n`, /^s\.yaml:8:1: load: unknown key 'load'$/],
  'an unknown key of a vertical': [
    `${head}verticals:\n  feed: { modle: x }\n`,
    /s\.yaml:4:18: verticals\.feed\.modle: unknown key 'modle' \(did you mean 'model'\?\)/,
  ],
  'an unknown key in defaults of all verticals': [
    `${head}${one}vertical_defaults: { rnus: 2 }\n`,
    /^s\.yaml:8:28: vertical_defaults\.rnus: unknown key 'rnus' \(did you mean 'runs'\?\)|verticals\.feed\.rnus/m,
  ],
  'a wrong value in defaults of all verticals, told where it stands': [
    `${head}${one}vertical_defaults: { runs: 0 }\n`,
    /^s\.yaml:8:28: vertical_defaults\.runs: must be at least 1, got 0$/m,
  ],
  'a missing teacher': [`kind: distillation\n${one}`, /teacher: .*required, but missing/],
  'no verticals': [`${head}verticals: {}\n`, /verticals: needs at least one vertical$/],
  'no rate': [
    `${head}verticals: { feed: { model: ads-vm-like, examples_per_day: 1, tasks: { click: {} } } }\n`,
    /verticals\.feed\.tasks\.click\.base_rate: required, but missing: a percentage/,
  ],
  'a rate of one': [
    `${head}${one.replace('3 %', '100 %')}`,
    /^s\.yaml:7:34: verticals\.feed\.tasks\.click\.base_rate: 100 % is out of range/,
  ],
  'no task that is labelled': [
    `${head}${one.replace('base_rate', 'distilled: false, base_rate')}`,
    /verticals\.feed\.tasks: needs at least one task that the teacher labels$/,
  ],
  'an unknown way to distil': [
    `${head}${one}distillation: { kind: none }\n`,
    /^s\.yaml:8:23: distillation\.kind: expected one of auxiliary-heads, one-head, got 'none'|expected a mapping with kind: auxiliary-heads or one-head/,
  ],
  'a unit of another dimension': [
    `${head}${one}join: 3 GB\n`,
    /^s\.yaml:8:7: join: expected a time with its unit/,
  ],
  'a constant out of its range': [
    `${head}${one}quality: { coverage_power: { value: 2, low: 0, high: 1, evidence: assumed, source: a guess } }\n`,
    /quality\.coverage_power\.value: must lie between low and high$/,
  ],
  'an unknown constant': [
    `${head}${one}quality: { coverage_pwer: 1 }\n`,
    /unknown key 'coverage_pwer' \(did you mean 'coverage_power'\?\)/,
  ],
});

answered('names', {
  'an unknown teacher': [
    `kind: distillation\nteacher: { model: wukon }\n${one}`,
    /^s\.yaml:2:19: teacher\.model: no model named 'wukon' \(did you mean 'wukong'\?\)/,
  ],
  'an unknown model in the defaults': [
    `${head}vertical_defaults: { model: ads-vm }\n${one.replace('    model: ads-vm-like\n', '')}`,
    /^s\.yaml:3:29: vertical_defaults\.model: no model named 'ads-vm'/,
  ],
  'a host without accelerators': [
    `kind: distillation\nteacher: { model: wukong, fleet: { host: sc-large } }\n${one}`,
    "s.yaml:2:42: teacher.fleet.host: training needs accelerators, and host 'sc-large' has none",
  ],
  'more accelerators than a host has': [
    `${head}${one}vertical_defaults: { fleet: { accelerators: 9 } }\n`,
    's.yaml:8:45: vertical_defaults.fleet.accelerators: h100x8 has 8 accelerators; got 9',
  ],
  'hosts and accelerators': [
    `${head}${one}vertical_defaults: { fleet: { accelerators: 1, hosts: 2 } }\n`,
    /vertical_defaults\.fleet\.accelerators: state hosts or accelerators, not both$/m,
  ],
  'an unknown baseline': [
    `${head}${one}baseline: b\narms: [{name: a}]\n`,
    /^s\.yaml:8:11: baseline: no arm is called 'b'/,
  ],
});

answered('what does not go together', {
  'more overlap than the verticals have': [
    `${head}${one}overlap: 1.5\n`,
    /^s\.yaml:8:10: overlap: κ of 1\.5 is more than these verticals can overlap: .*1\.000/,
  ],
  'a union beyond the sum': [
    `${head}${one}overlap: { kind: union, unique_examples_per_day: 2e9 }\n`,
    /^s\.yaml:8:1: overlap: a union lies between its largest part, 1e9, and the sum/,
  ],
  'a replay that the store forgets': [
    `${head}${one}vertical_defaults: { replay: 40 d }\n`,
    /^s\.yaml:8:30: vertical_defaults\.replay: a run that starts 40\.0 days back needs records/,
  ],
  'a window within the join': [
    `${head}${one}join: 20 min\n`,
    /^s\.yaml:\d+:\d+: verticals\.feed\.tasks\.click\.window|verticals\.feed\.tasks: a window of 900 s/,
  ],
  'a step longer than a window': [
    `${head}${one}horizon: { step: 1 h }\n`,
    /^s\.yaml:8:18: horizon\.step: steps of 3600 s cannot resolve a window or snapshot interval of 900 s$/,
  ],
  'too many verticals': [
    `${head}${one}vertical_defaults: { count: 1000 }\narms: [{vary: {verticals.feed.count: [1001]}}]\n`,
    /must be at most 1000, got 1001/,
  ],
  'a model with rows that cannot be trained': [
    `kind: distillation\nteacher: { model: int8.yaml }\n${one}`,
    /int8 rows cannot be trained/,
  ],
  'a setting in an arm': [
    `${head}${one}arms: [{seed: 3}]\n`,
    's.yaml:8:15: arms[0].seed: seed holds for all arms: state it at the top of the scenario',
  ],
  'an entry that is written in an arm': [
    `${head}${one}arms: [{name: a, verticals: {feed: {runs: 0}}}]\n`,
    's.yaml:8:43: arms[0].verticals.feed.runs: must be at least 1, got 0',
  ],
});

folder.write(
  'int8.yaml',
  `name: int8
nets:
  - name: n
    dense_features: 4
    bottom_mlp: [8, 4]
    top_mlp: [8, 1]
    interaction: { kind: cat }
    tables: [{ name: a, num_embeddings: 1000, embedding_dim: 4, pooling_factor: 3, data_type: int8 }]
`,
);

const reading = suite('distillation scenarios: reading');

reading('verticals take what they leave unsaid from the defaults of all', async () => {
  const { arms } = await load(
    `${head}vertical_defaults: { model: ads-vm-like, examples_per_day: 1e9, runs: 3, tasks: { click: { base_rate: 3 % } } }
verticals: { feed: {}, search: { runs: 1, tasks: { click: { base_rate: 5 % }, buy: { window: 1 d, base_rate: 0.1 % } } } }
arms: [{name: a}, {name: b, vertical_defaults: {runs: 7}, verticals: {video: {examples_per_day: 5e8}}}]
`,
  );
  assert.equal(
    arms.map(({ verticals }) => verticals.map(({ name, runs }) => [name, runs])),
    [
      [
        ['feed', 3],
        ['search', 1],
      ],
      [
        ['feed', 7],
        ['search', 1],
        ['video', 7],
      ],
    ],
  );
  assert.equal(
    arms[0].verticals[1].tasks.map(({ name, base_rate }) => [name, base_rate]),
    [
      ['click', 0.05],
      ['buy', 0.001],
    ],
  );
  assert.is(arms[1].uniqueExamplesPerDay, 2.5e9);
});

reading('a union follows the number of verticals where they share a part', async () => {
  const { arms, referenceExamplesPerDay } = await load(
    `${head}${one}overlap: { kind: shared-part, part: 25 % }\narms: [{vary: {verticals.feed.count: [1, 2, 5]}}]\n`,
  );
  assert.equal(
    arms.map(({ uniqueExamplesPerDay }) => uniqueExamplesPerDay),
    [1e9, 1.75e9, 4e9],
  );
  assert.is(referenceExamplesPerDay, 4e9);
});

reading('all arms are simulated for as long as the slowest of them needs', async () => {
  const { horizon } = await load(`${head}${one}arms: [{vary: {teacher.snapshots.every: [1 h, 7 d]}}]\n`);
  assert.equal(horizon, { warmUpS: 7 * 86_400, measuredS: 28 * 86_400, stepS: 60 });
});

reading('a scenario extends another of its kind, stated or not', async () => {
  await load(`${head}${one}`, 'base.yaml');
  for (const kind of ['', 'kind: distillation\n']) {
    const { arms, name } = await load(
      `extends: base.yaml\n${kind}verticals: { feed: { runs: 5 } }\n`,
      'child.yaml',
    );
    assert.equal([name, arms[0].verticals[0].runs, arms[0].teacher.model.name], ['child', 5, 'wukong']);
  }
  const message = await laterMessageOf(() => load('extends: base.yaml\nkind: serving\n', 'other.yaml'));
  assert.match(
    message,
    /other\.yaml:2:7: kind: a scenario of kind serving cannot extend one of kind distillation/,
  );
});

reading('problems of what is extended are told where they stand', async () => {
  await load(`${head}${one}`.replace('runs', 'runs'), 'base2.yaml');
  const message = await laterMessageOf(() =>
    load('extends: base2.yaml\nverticals: { feed: { runs: 0 } }\n', 'child2.yaml'),
  );
  assert.match(message, /child2\.yaml:2:28: verticals\.feed\.runs: must be at least 1, got 0/);
});

reading('serving states its kind or leaves it out; what takes it alone refuses others', async () => {
  const serving = folder.write('serving.yaml', 'kind: serving\nmodel: small.yaml\n');
  assert.is((await loadScenario(serving)).arms[0].model.name, 'small');
  const message = await laterMessageOf(() => loadScenario(join(folder.path, 'base.yaml')));
  assert.match(
    message,
    /base\.yaml:1:7: kind: this command takes scenarios about serving; one of kind distillation/,
  );
});

reading('what is not stated is listed, once for all verticals', async () => {
  const { defaults } = await load(`${head}${one}`);
  const paths = defaults.map(({ path }) => path);
  assert.is(new Set(paths).size, paths.length);
  for (const path of [
    'verticals.*.runs',
    'teacher.train_after',
    'teacher.labelling.host',
    'horizon.measured',
  ])
    assert.ok(paths.includes(path), path);
  assert.not.ok(paths.some((path) => path.startsWith('verticals.feed')));
});

reading.after(() => folder.remove());
reading.run();
