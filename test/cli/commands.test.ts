import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hardwareDetails } from '../../cli/list-hardware.ts';
import { modelDetails } from '../../cli/list-models.ts';
import { scenarioDetails } from '../../cli/list-scenarios.ts';
import { catalogueNames } from '../../hardware-profiles/files.ts';
import { zooNames } from '../../models/files.ts';
import { scenarioNames } from '../../scenarios/files.ts';
import { rankfleet } from './program.ts';

const help = suite('rankfleet: help');

help('--help lists the commands with examples and exit codes', () => {
  const { status, stdout, stderr } = rankfleet(['--help']);
  assert.is(status, 0);
  assert.is(stderr, '');
  for (const part of [
    'simulate',
    'list',
    'validate',
    'schema',
    'Examples:',
    'rankfleet simulate scale-out',
    'Exit codes',
  ])
    assert.ok(stdout.includes(part), part);
});

help('each command has help with an example', () => {
  for (const command of ['simulate', 'list', 'validate', 'schema']) {
    const { status, stdout } = rankfleet([command, '--help']);
    assert.is(status, 0);
    assert.match(stdout, /Example: rankfleet /);
  }
});

help('--version is that of the package', () => {
  assert.match(rankfleet(['--version']).stdout, /^\d+\.\d+\.\d+\n$/);
});

help.run();

const lists = suite('rankfleet list');

for (const what of ['models', 'hardware', 'scenarios']) {
  lists(`${what}, as text and as JSON`, () => {
    const { status, stdout, stderr } = rankfleet(['list', what]);
    assert.is(status, 0);
    assert.is(stderr, '');
    assert.ok(stdout.length > 100);
    assert.ok(!/undefined|NaN|\[object/.test(stdout), stdout);
    assert.ok(JSON.parse(rankfleet(['list', what, '--json']).stdout));
  });
}

const folders = ['hosts', 'devices', 'networks'] as const;

lists('one entry of each kind, in full', () => {
  for (const [what, name] of [
    ['models', 'drm1-like'],
    ['hardware', 'sc-large'],
    ['scenarios', 'scale-out'],
  ]) {
    const { status, stdout, stderr } = rankfleet(['list', what, name]);
    assert.is(status, 0, stderr);
    assert.ok(stdout.includes(name) || what === 'scenarios');
  }
});

lists('every entry of every catalogue has a page without gaps', async () => {
  const pages = [
    ...zooNames().map(modelDetails),
    ...folders.flatMap((folder) => catalogueNames(folder).map((name) => hardwareDetails(name))),
    ...(await Promise.all(scenarioNames().map(scenarioDetails))),
  ];
  assert.ok(pages.length > 20);
  for (const { text, data } of pages) {
    assert.ok(text.length > 100);
    assert.ok(!/undefined|NaN|\[object/.test(text), text);
    assert.ok(JSON.stringify(data).length > 100);
  }
});

lists.run();

const schemas = suite('rankfleet schema');

schemas('of each kind is JSON with $schema', () => {
  const kinds = [
    'scenario',
    'model',
    'hardware',
    'placement',
    'result',
    'plan',
    'comparison',
    'sweep',
    'bundle',
  ];
  for (const kind of [[], ...kinds.map((name) => [name])]) {
    const { status, stdout } = rankfleet(['schema', ...kind]);
    assert.is(status, 0);
    assert.match(JSON.parse(stdout).$schema, /json-schema\.org/);
  }
});

schemas('of a result says what it holds for a roofline', () => {
  const { properties, required } = JSON.parse(rankfleet(['schema', 'result']).stdout).else;
  const { items } = properties.operators;
  for (const field of ['flops', 'bytes', 'seconds', 'speedOfLightS', 'shares', 'logError', 'evidence']) {
    assert.ok(items.required.includes(field), field);
  }
  const roofline = properties.rooflines.additionalProperties;
  assert.equal(roofline.required, ['unit', 'peakFlopPerS', 'memoryBytesPerS']);
  assert.ok(!required.includes('operators') && !required.includes('rooflines'));
});

schemas.run();

const supports = suite('rankfleet support');

supports('shows each operator of a batch, its share of the roofline, and what it rests on', () => {
  const { status, stdout, stderr } = rankfleet(['support', 'gpu-serving']);
  assert.is(status, 0, stderr);
  assert.match(stdout, /operator +kind +type +at a typical batch +time +± +of roofline +state +arms/);
  assert.match(
    stdout,
    /bottom-fc0 +gemm +fp32 +m 64, n 512, k 512 +\d+ µs +\d+\.\d % +missing: assumed roofline +1\n/,
  );
  assert.match(stdout, /embedding lookup +embedding-bag +int8 +\d+ tables, dim 32–128, \d+ rows +.* fitted/);
  assert.ok(!/NaN|undefined|Infinity/.test(stdout));
});

supports('--json holds every operator with the arms that run it, whose shares add up to one', () => {
  const { status, stdout } = rankfleet(['support', 'missing-kernel', '--json']);
  assert.is(status, 0);
  const { operators } = JSON.parse(stdout) as { operators: { shares: Record<string, number> }[] };
  const arms = new Set(operators.flatMap(({ shares }) => Object.keys(shares)));
  assert.ok(arms.size > 2);
  for (const arm of arms) {
    const total = operators.reduce((sum, { shares }) => sum + (shares[arm] ?? 0), 0);
    assert.ok(Math.abs(total - 1) < 1e-9, arm);
  }
});

supports.run();

const theory = suite('rankfleet validate');

theory('an M/D/1 queue holds', () => {
  const { status, stdout, stderr } = rankfleet(['validate', 'queueing', '--model', 'md1', '--rho', '0.5']);
  assert.is(status, 0, stderr);
  assert.is(stderr, '');
  assert.match(stdout, /M\/D\/1 +0\.5 .* holds/);
});

theory.run();

const wrong = suite('rankfleet: bad arguments');

/** Arguments that cannot be answered, and what must be said. */
const refused: [args: string[], message: RegExp][] = [
  [['simulat'], /unknown command 'simulat'[\s\S]*simulate/],
  [['simulate'], /missing required argument 'scenario'/],
  [['simulate', 'a', 'b'], /too many arguments/],
  [['simulate', 'scale-oot'], /no scenario 'scale-oot' \(did you mean 'scale-out'\?\)/],
  [['simulate', 'nothing.yaml'], /nothing\.yaml: no such file/],
  [['simulate', 'scale-out', '--sed', '1'], /unknown option '--sed'[\s\S]*--seed/],
  [['simulate', 'scale-out', '--seed', '-1'], /'--seed <n>' argument '-1' is invalid.*whole number from 0/],
  [['simulate', 'scale-out', '--seed', '1e3'], /whole number/],
  [['simulate', 'scale-out', '--replications', '0'], /whole number from 1/],
  [['simulate', 'scale-out', '--workers', 'two'], /whole number from 1/],
  [['simulate', 'scale-out', '--arm', 'singulr'], /no arm is called 'singulr' \(did you mean 'singular'\?\)/],
  [['list', 'model'], /cannot list 'model' \(did you mean 'models'\?\)/],
  [['list', 'models', 'drm1'], /no model named 'drm1'/],
  [['list', 'hardware', 'h100-smx'], /no hardware 'h100-smx' \(did you mean 'h100-sxm'\?\)/],
  [['list', 'scenarios', 'x'], /no scenario 'x'/],
  [['schema', '__proto__'], /no schema '__proto__'/],
  [['validate', 'nothing'], /cannot validate 'nothing'/],
  [['validate', 'queueing', '--model', 'mm2'], /no queueing model 'mm2' \(did you mean/],
  [['validate', 'queueing', '--rho', '1'], /from 0.05 to 0.98/],
  [['validate', 'queueing', '--model', 'md1', '--servers', '2'], /--servers applies to mmc and forkjoin/],
];

for (const [args, message] of refused) {
  wrong(`${args.join(' ')}: exit 2 and a reason`, () => {
    const { status, stdout, stderr } = rankfleet(args);
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, message);
    assert.ok(!/^ {4}at /m.test(stderr), 'no stack trace');
  });
}

wrong('no argument at all prints the help', () => {
  const { status, stderr } = rankfleet([]);
  assert.is(status, 2);
  assert.match(stderr, /Usage: rankfleet/);
});

wrong('no list of arguments makes it crash', () => {
  const word = fc.constantFrom(
    'simulate',
    'list',
    'schema',
    'validate',
    'queueing',
    'models',
    'nothing.yaml',
    '--json',
    '--seed',
    '--rho',
    '0.5',
    '--out',
    '',
    '-',
    '--',
    '-x',
    '--help',
    '\u0001',
    '../..',
    '/',
    '--arm=',
    '--workers=9999',
    'é',
    '%s',
    '--version',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 4 }), (args) => {
      // A full check of the theory takes long, and is no crash.
      fc.pre(!(args.includes('validate') && args.includes('queueing')));
      const { status, stderr, signal } = rankfleet(args);
      assert.ok(status === 0 || status === 2, `${JSON.stringify(args)}: ${status} ${signal} ${stderr}`);
      assert.ok(!/^ {4}at /m.test(stderr), stderr);
    }),
    { seed: 1, numRuns: 20 },
  );
});

wrong.run();
