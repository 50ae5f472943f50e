import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resultSchema } from '../../sim/result.ts';
import { rankfleet } from '../cli/program.ts';
import { readTraceFile } from '../reports/trace-event-format.ts';
import { Folder, smallScenario } from '../scenarios/folder.ts';

const tracing = suite('rankfleet simulate --trace');

const folder = new Folder();
folder.write('ok.yaml', smallScenario);
tracing.after(() => folder.remove());

const run = (...args: string[]) => rankfleet(['simulate', ...args], { cwd: folder.path });
const pathOf = (name: string) => join(folder.path, name);
const read = (name: string) => readTraceFile(readFileSync(pathOf(name), 'utf8'));

const requestsOf = (name: string) => read(name).slices.filter(({ cat }) => cat === 'request');

tracing('writes a sound file, says so on stderr, and changes nothing of the answer', () => {
  const { status, stdout, stderr } = run('ok.yaml', '--trace', 'trace.json');
  assert.is(status, 0);
  assert.match(
    stderr,
    /^trace\.json: 2\d requests of 2 arms, [\d ]+ events, [\d.]+ kB; open it in ui\.perfetto\.dev or chrome:\/\/tracing\n$/,
  );
  assert.is(stdout, run('ok.yaml').stdout);
  const { processes } = read('trace.json');
  assert.equal(
    [...processes.values()],
    ['one · requests', 'one · main', 'two · requests', 'two · main', 'two · shard 0', 'two · shard 1'],
  );
});

tracing('the slowest request and the median are those of a result of one replication', () => {
  const { status, stdout } = run('ok.yaml', '--replications', '1', '--json', '--trace', 'one.json');
  assert.is(status, 0);
  const { arms } = resultSchema.parse(JSON.parse(stdout));
  for (const { name, measured } of arms) {
    const own = requestsOf('one.json').filter(({ args }) => args.arm === name);
    const slowest = own.find(({ args }) => String(args.why).includes('slowest'))!;
    assert.ok(Math.abs(slowest.dur / 1e6 / measured!.latencyS.max - 1) < 1e-5);
    const median = own.find(({ args }) => String(args.why).includes('median'))!;
    assert.ok(Math.abs(median.dur / 1e6 / measured!.latencyS.p50.mean - 1) < 2 ** -11 + 1e-5);
  }
});

tracing('--arm restricts it to the arms named, without the baseline that they are compared with', () => {
  assert.is(run('ok.yaml', '--arm', 'two', '--trace', 'two.json').status, 0);
  assert.equal([...read('two.json').processes.values()], ['requests', 'main', 'shard 0', 'shard 1']);
});

tracing('--trace-requests says how many requests are there beside the slowest and the median', () => {
  const counts = ['0', '3', '1000'].map((requests) => {
    const args = ['--arm', 'one', '--trace', 'n.json', '--trace-requests', requests];
    assert.is(run('ok.yaml', ...args).status, 0);
    return requestsOf('n.json').map(({ args: { why, request } }) => ({ why: String(why), request }));
  });
  const first = (count: number) => counts[count].filter(({ why }) => why.includes('first'));
  assert.equal(
    [0, 1, 2].map((at) => first(at).length),
    [0, 3, 36],
  );
  assert.ok(counts[0].length <= 2);
  // Of 40 requests, the first four are the warm-up.
  assert.equal(
    first(1)
      .map(({ request }) => request)
      .sort(),
    [4, 5, 6],
  );
});

tracing('is the same, byte for byte, on any number of threads and beside --out', () => {
  const texts = [[], ['--workers', '1'], ['--workers', '2'], ['--out', 'out']].map((more) => {
    assert.is(run('ok.yaml', '--trace', 'same.json', ...more).status, 0);
    return readFileSync(pathOf('same.json'), 'utf8');
  });
  for (const text of texts) assert.is(text, texts[0]);
  assert.ok(existsSync(pathOf('out/result.json')));
});

tracing('makes its folder, takes the place of an older file, and leaves nothing else behind', () => {
  assert.is(run('ok.yaml', '--trace', 'deep/down/trace.json').status, 0);
  writeFileSync(pathOf('deep/down/trace.json'), 'old');
  assert.is(run('ok.yaml', '--trace', 'deep/down/trace.json', '--out', 'deep/down').status, 0);
  assert.ok(read('deep/down/trace.json').slices.length > 0);
  assert.equal(readdirSync(pathOf('deep/down')).sort(), [
    'placements',
    'result.json',
    'scenario.json',
    'trace.json',
  ]);
});

tracing('an arm that does not fit is not in it, and it is said', () => {
  const narrow = '{ name: narrow, sharding: { strategy: one-shard }, fleet: { sparse: { host: sc-small } } }';
  const head = 'model: drm1-like\nload: { requests: 5 }\nreplications: 1\narms:\n';
  folder.write('some.yaml', `${head}  - { name: wide, sharding: { shards: 2 } }\n  - ${narrow}\n`);
  folder.write('none.yaml', `${head}  - ${narrow}\n`);
  const some = run('some.yaml', '--trace', 'some.json');
  assert.is(some.status, 3);
  assert.match(
    some.stderr,
    /^arm 'narrow' does not fit: it is not in the trace\nsome\.json: 5 requests of 1 arm, /,
  );
  assert.is(read('some.json').processes.get(1), 'requests');
  const none = run('none.yaml', '--trace', 'none.json');
  assert.is(none.status, 3);
  assert.match(none.stderr, /\nnone\.json is not written: no arm fits\n$/);
  assert.ok(!existsSync(pathOf('none.json')));
});

tracing('what is too much for a file is left out, and it is said', () => {
  folder.write(
    'many.yaml',
    smallScenario.replace('batch_size: 32', 'batch_size: 1').replace('requests: 40', 'requests: 300'),
  );
  const { status, stderr } = run(
    'many.yaml',
    '--replications',
    '1',
    '--trace',
    'many.json',
    '--trace-requests',
    '300',
  );
  assert.is(status, 0);
  assert.match(
    stderr,
    /^arm 'one': left out \d+ requests \((\d+, ){5}…\); a trace holds 50 000 tasks and 50 000 values/,
  );
  const slices = read('many.json').slices.filter(({ cat }) => cat === 'task');
  const names = slices.map(({ name, args }) => `${args.arm} ${args.request} ${args.batch} ${name}`);
  const tasks = new Set(names).size;
  assert.ok(tasks <= 50_000 && tasks > 45_000, `${tasks}`);
});

tracing.run();

const refused = suite('rankfleet simulate --trace: bad input');

/** A scenario that would take long: what is refused is refused before anything is simulated. */
const long = smallScenario.replace('requests: 40', 'requests: 2000000');

const bad: Record<string, [args: string[], problem: RegExp]> = {
  'a folder as the file': [['--trace', 'folder'], /^--trace folder: is a folder; expected a file\n$/],
  'no name': [['--trace', ''], /^--trace: expected a file, got an empty name\n$/],
  'a file below a file': [['--trace', 'file/below.json'], /^--trace file: .*file is not a folder\n$/],
  'requests without a file': [
    ['--trace-requests', '3'],
    /^--trace-requests says how many requests are traced: say where to with --trace FILE\n$/,
  ],
  'too many requests': [
    ['--trace', 't.json', '--trace-requests', '1001'],
    /expected a whole number from 0 to 1000/,
  ],
  'a negative number of requests': [
    ['--trace', 't.json', '--trace-requests=-1'],
    /expected a whole number from 0 to 1000/,
  ],
  'half a request': [
    ['--trace', 't.json', '--trace-requests', '1.5'],
    /expected a whole number from 0 to 1000/,
  ],
  'an arm that is not there': [['--trace', 't.json', '--arm', 'three'], /no arm is called 'three'/],
};

for (const [title, [args, problem]] of Object.entries(bad)) {
  refused(`${title}: exit 2, nothing written`, () => {
    const own = new Folder();
    own.write('long.yaml', long);
    writeFileSync(join(own.path, 'file'), '');
    mkdirSync(join(own.path, 'folder'));
    const before = readdirSync(own.path);
    const { status, stdout, stderr } = rankfleet(['simulate', 'long.yaml', ...args], { cwd: own.path });
    const after = readdirSync(own.path);
    const size = statSync(join(own.path, 'file')).size;
    own.remove();
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, problem);
    assert.ok(!stderr.includes('    at '), 'no stack trace');
    assert.equal(after, before);
    assert.is(size, 0);
  });
}

refused('a place where nothing can be written is named, whoever asks', () => {
  const own = new Folder();
  own.write('ok.yaml', smallScenario);
  const { status, stdout, stderr } = rankfleet(['simulate', 'ok.yaml', '--trace', '/proc/trace.json'], {
    cwd: own.path,
  });
  own.remove();
  assert.ok(status === 1 || status === 2, `${status}`);
  assert.is(stdout, '');
  assert.match(stderr, /\/proc\/trace\.json(: | cannot be written: )/);
});

refused.run();
