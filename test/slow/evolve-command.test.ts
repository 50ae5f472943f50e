// time-limit: 400 s
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { findCompiler } from '../../harness/devices/cpu/compiler.ts';
import { loadKoffi } from '../../harness/devices/gpu-shared/native-libraries.ts';
import type { SearchReport } from '../../reports/search/search-report.ts';
import { rankfleet } from '../cli/program.ts';
import { writeTinyTask } from '../evolve/tiny-task.ts';
import { parseXml } from '../reports/charts/xml.ts';

const looked: string[] = [];
const hasTools = ((await loadKoffi(looked)) && (await findCompiler(looked))) !== undefined;
if (!hasTools)
  console.log(`SKIPPED: searches on the CPU need koffi and a C++ compiler\n  ${looked.join('\n  ')}`);

const folder = mkdtempSync(join(tmpdir(), 'rankfleet-evolve-'));
const task = writeTinyTask(folder);
const place = (name: string) => join(folder, name);
const search = place('search');

/** Runs `rankfleet evolve …`. */
function evolve(...args: string[]) {
  return rankfleet(['evolve', ...args], { cwd: folder });
}

/** The same, which must succeed. @returns stdout */
function answered(...args: string[]): string {
  const { status, stdout, stderr } = evolve(...args);
  assert.is(status, 0, `${args.join(' ')}: exit ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

function refused(args: string[], message: RegExp): void {
  const { status, stdout, stderr } = evolve(...args);
  assert.is(status, 2, `${args.join(' ')}: exit ${status}\n${stderr}`);
  assert.match(stderr, message);
  assert.is(stdout, '');
}

const keptSpace = join(packageRoot, 'evolve', 'spaces', 'h200-sxm', 'pffn-fused-fp16.json');
const looking = suite('evolve: without a device');

looking('tasks that ship are listed with their kernels', () => {
  assert.match(answered('list'), /^map-id\s+map-id\s+.*cuda/m);
  const tasks = JSON.parse(answered('list', '--json'));
  assert.ok(tasks.every(({ search }: { search: unknown[] }) => search.length > 0));
  assert.match(answered('show', 'conv1d'), /batch 2048, inChannels 96.*production\s+yes/);
  assert.match(answered('show', task), /plain \(fp32\): 4 settings of its knobs/);
});

looking('an unknown task is refused with the nearest name', () => {
  refused(['mapid'], /did you mean 'map-id'\?/);
  refused(['show', 'mapid'], /did you mean 'map-id'\?/);
  refused(['gemm'], /operator of the harness/);
});

looking('a task that makes no sense is refused where it is wrong', () => {
  const write = (text: string) => {
    const file = place('wrong.yaml');
    writeFileSync(file, text);
    return file;
  };
  const head = 'name: wrong\ndata_types: [fp32]\n';
  refused(
    [write(`${head}operator: softmaks\nsearch: [{ shape: { rows: 1, n: 1 } }]\n`)],
    /wrong\.yaml:3:11.*softmax/,
  );
  refused([write(`${head}operator: softmax\nsearch: [{ shape: { rows: 1 } }]\n`)], /needs the axis n/);
  refused(
    [write(`${head}operator: kernel-launch\nsearch: [{ shape: {} }]\n`)],
    /no tensors and so no reference/,
  );
  refused(
    [
      write('name: wrong\ndata_types: [bf16]\noperator: softmax\nsearch: [{ shape: { rows: 8, n: 8 } }]\n'),
      '--backend',
      'cpu',
    ],
    /no kernels of wrong/,
  );
});

looking('options that make no sense are refused', () => {
  refused([task, '--data-type', 'fp61'], /fp32/);
  refused([task, '--backend', 'cuda'], /no kernels of tiny-softmax.*, or put them into .*tiny-softmax$/m);
  refused([task, '--backend', 'cpu', '--from', place('nothing')], /nothing: has no search/);
  refused([task, '--backend', 'cpu', '--tokens', '5'], /need --operator llm/);
  refused([task, '--backend', 'cpu', '--cores', '4096'], /--cores 4096: this machine gives \d+/);
  refused([task, '--backend', 'cpu', '--reuse', '0.1'], /needs --from/);
  refused([task, '--backend', 'cpu', '--policy', 'gready'], /greedy/);
  refused([task, '--backend', 'cpu', '--budget', '5 parsec'], /5m/);
  refused(['apply', folder, 'scale-out'], /has no search/);
  refused(['report', folder], /has no search/);
  refused(['replay', place('nothing')], /no such folder/);
  refused(['compare-policies', join(task, 'task.yaml')], /not JSON/);
  refused(
    ['space', task, '--backend', 'cpu', '--knobs', 'GRAINS', '--out', place('s.json')],
    /did you mean 'GRAIN'/,
  );
  refused(['compare-policies', keptSpace, '--from', keptSpace], /that is the space itself/);
  refused(['check', join(task, 'task.yaml'), '--task', task], /name of a kernel's file ends in/);
});

looking('policies are compared once each, and few seeds give medians no interval', () => {
  const few = answered(
    ...['compare-policies', keptSpace, '--seeds', '2', '--steps', '4'],
    ...['--policy', 'greedy', '--policy', 'greedy'],
  );
  assert.match(few, /that of a median needs 6\s+seeds or more/);
  assert.not.match(few, /\?/);
  assert.is(few.match(/^greedy /gm)!.length, 1);
  const more = answered('compare-policies', keptSpace, '--seeds', '6', '--steps', '4', '--policy', 'greedy');
  assert.not.match(more, /seeds or more/);
  assert.match(more, /^greedy .* \(\d+\.\d+ … \d+\.\d+\)/m);
});

looking('reports go to files that hold nothing else, or to stdout', () => {
  const kept = place('kept.json');
  copyFileSync(join(packageRoot, 'evolve', 'searches', 'h200-sxm', 'pffn-fp16.json'), kept);
  refused(['report', kept, '--html', kept], /that is what is reported on/);
  refused(['export', kept, kept], /that is what is reported on/);
  refused(['report', kept, '--html', place('a'), '--svg', place('a')], /name the same file/);
  refused(['report', kept, '--html', '-', '--json'], /only one of them can write to stdout/);
  assert.match(answered('report', kept, '--html', '-'), /^<!doctype html>/);
  assert.is(answered('export', kept, '-'), readFileSync(kept, 'utf8'));
});

looking('a device that is not there is said, with what was looked for', () => {
  const cuda = existsSync('/dev/nvidiactl');
  if (cuda) return;
  const { status, stderr } = evolve('map-id', '--backend', 'cuda', '--out', place('none'));
  assert.is(status, 1);
  assert.match(stderr, /no cuda device:\n {2}libcuda/);
  assert.not(existsSync(place('none')));
});

looking.run();

const running = suite('evolve: a search on this CPU');
const test = (name: string, body: () => void) =>
  hasTools ? running(name, body) : running.skip(`${name}: no C++ compiler`, () => {});
const common = [
  task,
  '--backend',
  'cpu',
  '--cores',
  '1',
  '--agents',
  '1',
  '--no-python',
  '--drafts',
  '2',
  '--out',
  search,
];

test('finds kernels, keeps them, and tells what came of it', () => {
  const { status, stdout, stderr } = evolve(...common, '--steps', '2');
  assert.is(status, 0, stderr);
  assert.match(stdout, /times as fast as rankfleet/);
  assert.match(stdout, /rows 37, n 301\s+odd\s+held out/);
  assert.match(stderr, /^searching tiny-softmax in cpp, fp32, on .*, by greedy$/m);
  assert.match(stderr, /^kernel 1 of [12] \(node \d+\) on 2 shapes$/m);
  const deployed = readdirSync(join(search, 'deployment/session-1'));
  assert.ok(
    deployed.includes('dispatch.json') && deployed.some((name) => name.endsWith('.cpp')),
    String(deployed),
  );
});

test('is not gone on with by mistake, and not by another search', () => {
  refused([...common, '--steps', '3'], /holds a search already; --resume/);
  refused([...common, '--steps', '3', '--resume', '--policy', 'mcts'], /policy greedy, not mcts/);
  refused([...common, '--steps', '3', '--resume', '--seed', '2'], /seed 1, not 2/);
});

test('goes on where it stopped', () => {
  const { status, stderr } = evolve(...common, '--steps', '3', '--resume');
  assert.is(status, 0, stderr);
  assert.match(stderr, /going on after 2 artifacts/);
  const report: SearchReport = JSON.parse(answered('report', search, '--json'));
  assert.is(report.nodes.length, 3);
  assert.ok(
    report.nodes.every(({ failure }) => !failure),
    JSON.stringify(report.nodes),
  );
  assert.is(report.dispatch?.rows.length, 2);
});

test('is not timed to the end again where nothing new came', () => {
  const { status, stdout, stderr } = evolve(...common, '--steps', '3', '--resume');
  assert.is(status, 0, stderr);
  assert.match(stderr, /nothing new since the best kernels were timed to the end/);
  assert.not.match(stderr, /timing the best kernels/);
  assert.match(stdout, /rows 37, n 301\s+odd\s+held out/);
});

test('is replayed to the same table from its folder and from its export', () => {
  const table = answered('replay', search);
  assert.match(table, /tiny-softmax\s+greedy\s+1\s+3/);
  evolve('export', search, place('search.json'));
  assert.is(answered('replay', place('search.json')), table);
  const damaged = readFileSync(place('search.json'), 'utf8').replace(/"score":0\.(\d)/, '"score":7.$1');
  writeFileSync(place('damaged.json'), damaged);
  const { status, stderr } = evolve('replay', place('damaged.json'));
  assert.is(status, 1);
  assert.match(stderr, /node \d+: a score of 7\.\d+ is kept, its timings give 0\.\d+/);
});

test('is a page and a picture', () => {
  const database = join(search, 'search.db');
  refused(['report', search, '--html', database], /belongs to what is reported on/);
  refused(['export', search, database], /belongs to what is reported on/);
  answered('report', search, '--html', place('search.html'), '--svg', place('search.svg'));
  const svg = parseXml(readFileSync(place('search.svg'), 'utf8'));
  assert.is(svg.name, 'svg');
  const page = readFileSync(place('search.html'), 'utf8');
  assert.match(page, /Content-Security-Policy" content="default-src &#39;none&#39;/);
  assert.not.match(page, /(src|href)="(?!#)/);
});

test('is weighed against a scenario and written as a profile, as far as it brings anything', () => {
  assert.match(
    answered('apply', search, 'scale-out', '--arm', 'singular'),
    /No arm has an operator that is priced as softmax/,
  );
  const { status, stdout, stderr } = evolve('profile', search, '--out', place('profile'));
  if (status === 3) assert.match(stderr, /everything falls back/);
  else assert.match(stdout, /evolved/);
});

test('has kernels that can be checked by themselves, right ones and wrong ones', () => {
  const right = join(task, 'plain.cpp');
  const wrong = place('wrong.cpp');
  writeFileSync(wrong, readFileSync(right, 'utf8').replace('/ sum', '/ (sum + 1)'));
  const options = ['--task', task, '--cores', '1', '--no-python'];
  const { status, stdout } = evolve('check', right, wrong, ...options);
  assert.is(status, 3);
  assert.match(stdout, /plain\.cpp: right, and/);
  assert.match(stdout, /wrong\.cpp: fails at wrong answer/);
});

test('has a space of settings on which policies are compared', () => {
  const space = place('space.json');
  answered(
    'space',
    task,
    '--backend',
    'cpu',
    '--knobs',
    'GRAIN',
    '--cores',
    '1',
    '--no-python',
    '--out',
    space,
  );
  assert.equal(Object.keys(JSON.parse(readFileSync(space, 'utf8')).cache), ['1', '16']);
  const again = ['space', task, '--backend', 'cpu', '--out', space];
  refused(again, /--resume goes on/);
  refused([...again, '--knobs', 'DOUBLES', '--resume'], /holds another space: .*tune_params/);
  assert.is(JSON.parse(readFileSync(space, 'utf8')).cores, 1);
  const compared = answered(
    'compare-policies',
    space,
    '--seeds',
    '2',
    '--steps',
    '4',
    '--policy',
    'greedy',
    '--policy',
    'mcts',
  );
  assert.match(compared, /^greedy\s+0\/2/m);
});

running.after(() => rmSync(folder, { recursive: true }));
running.run();
