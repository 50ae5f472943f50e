// time-limit: 240 s
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { program, rankfleet } from '../cli/program.ts';
import { experiment } from '../reports/experiment/experiments.ts';
import { Folder, smallScenario } from '../scenarios/folder.ts';
import { gridSweep } from '../sweep/designs.ts';
import { hasTmux, Terminal } from '../terminal/tmux.ts';

const folder = new Folder();
folder.write('small-scenario.yaml', smallScenario);
folder.write(
  'long.yaml',
  smallScenario.replace('requests: 40', 'requests: 4000').replace('replications: 3', 'replications: 200'),
);
folder.write('grid.yaml', gridSweep);
folder.write(
  'many.yaml',
  gridSweep.replace('to: 3, integer', 'to: 3, integer').replace('requests: 60', 'requests: 6000'),
);
if (hasTmux) rankfleet(['simulate', 'small-scenario.yaml', '--out', 'simulated'], { cwd: folder.path });

const real = suite('terminal: in a real one');
const open: Terminal[] = [];
real.after.each(() => {
  for (const terminal of open.splice(0)) terminal.stop();
});
real.after(() => folder.remove());

function test(name: string, body: () => Promise<void>): void {
  if (hasTmux) real(name, body);
  else real.skip(`${name}: no tmux`, body);
}

const escapeCode = '\x1b';
const at = (name: string) => join(folder.path, name);
const rankfleetWords = `"${process.execPath}" "${program}"`;

/** A terminal in which something was said before. */
async function shell(columns = 80, rows = 24, env: Record<string, string> = {}): Promise<Terminal> {
  const startFile = folder.write(
    `start-${open.length}.sh`,
    [
      "PS1='$ '",
      'HISTFILE=',
      `alias rankfleet='${rankfleetWords}'`,
      // Both say that there are colours, whatever the kind of terminal.
      ...(env.TERM === undefined ? [] : ['unset TMUX COLORTERM']),
      ...Object.entries(env).map(([name, value]) => `export ${name}=${value}`),
      'echo said before',
    ].join('\n'),
  );
  const terminal = new Terminal(folder.path, startFile, { columns, rows });
  open.push(terminal);
  await terminal.waitFor(/^said before\n\$/m);
  return terminal;
}

/** The usual screen is back, with its cursor and what stood on it; the shell says the code of the last command. */
async function backWith(terminal: Terminal, code: number): Promise<string> {
  const screen = await terminal.waitFor(new RegExp(`^code ${code}$`, 'm'));
  assert.match(screen, /^said before$/m);
  assert.not.match(screen, /1 Overview/);
  assert.equal(terminal.modes(), { cursor: true, alternate: false });
  return screen;
}

test('moves, changes tabs, filters, compares, exports, is resized, and leaves no trace', async () => {
  const terminal = await shell();
  terminal.run('rankfleet view simulated; echo code $?');
  const first = await terminal.waitFor(/\[1 Overview\]/);
  assert.match(first, /^▸ {2}one /m);
  assert.equal(terminal.modes(), { cursor: false, alternate: true });
  await terminal.see(/^▸ {2}two /m, 'Down');
  await terminal.see(/\[2 Latency\]/, 'Right');
  await terminal.see(/\[3 Breakdown\]/, '3');
  await terminal.see(/\[4 Shards\][\s\S]*shard 1 +█/, 'Tab');
  await terminal.see(/\[3 Breakdown\]/, 'BTab');
  await terminal.see(/1 of 2 arms, as listed \/one/, '/', 'o', 'n', 'e');
  await terminal.see(/ 2 arms/, 'Escape');
  await terminal.see(/A is one/, 'g', 'c');
  await terminal.see(/\[7 Compare\][\s\S]*│ A +one/, 'j', 'c');
  await terminal.see(/Write to a file/, 'e');
  await terminal.see(/to file: result-small-scenario-compare\.txt█/, '1');
  await terminal.see(/written: this tab as text to/, 'Enter');
  assert.match(readFileSync(at('result-small-scenario-compare.txt'), 'utf8'), /^Compare: two$/m);
  terminal.resize(120, 40);
  await terminal.waitFor(/^(?=[\s\S]*\n─{42}┬─{77}\n)(?:.*\n){39}.*q quit\s*$/);
  terminal.resize(80, 24);
  await terminal.waitFor(/^(?=[\s\S]*\n─{36}┬─{43}\n)(?:.*\n){23}.*q quit\s*$/);
  terminal.press('q');
  await backWith(terminal, 0);
});

test('gives the terminal back on Ctrl-C and on a request to end', async () => {
  const terminal = await shell();
  terminal.run('rankfleet view simulated; echo code $?');
  await terminal.waitFor(/1 Overview/);
  terminal.press('C-c');
  await backWith(terminal, 130);
  terminal.run('clear; echo said before; echo ready');
  await terminal.waitFor(/^ready\n\$/m);
  terminal.run(`sh -c 'echo $$ > pid; exec ${rankfleetWords} view simulated'; echo code $?`);
  await terminal.waitFor(/1 Overview/);
  process.kill(Number(readFileSync(at('pid'), 'utf8')), 'SIGTERM');
  await backWith(terminal, 143);
});

test('is suspended by Ctrl-Z and comes back', async () => {
  const terminal = await shell();
  terminal.run('rankfleet view simulated; echo code $?');
  await terminal.waitFor(/1 Overview/);
  await terminal.see(/^▸ {2}two /m, 'Down');
  await terminal.see(/Stopped/, 'C-z');
  assert.equal(terminal.modes(), { cursor: true, alternate: false });
  terminal.run('fg; echo code $?');
  await terminal.waitFor(/^▸ {2}two /m);
  assert.equal(terminal.modes(), { cursor: false, alternate: true });
  await terminal.see(/\[5 Fleet\]/, '5');
  terminal.press('q');
  await terminal.waitFor(/^code 0$/m);
  assert.equal(terminal.modes(), { cursor: true, alternate: false });
});

test('gives the terminal back before it says what broke', async () => {
  for (const [how, words] of [
    ['timer', /rankfleet failed: broken on purpose by a timer/],
    ['frame', /^failed: broken on purpose in a frame$/m],
  ] as const) {
    const terminal = await shell();
    const tsx = import.meta.resolve('tsx');
    const file = join(packageRoot, 'test/terminal/crashing.ts');
    terminal.run(`'${process.execPath}' --import '${tsx}' '${file}' ${how}; echo code $?`);
    await terminal.waitFor(/1 Overview/);
    if (how === 'frame') {
      await terminal.see(/\[2 Latency\]/, '2');
      terminal.press('1');
    }
    assert.match(await backWith(terminal, 1), words);
  }
});

test('has colours on a terminal that has them, unless NO_COLOR asks for none', async () => {
  const colours = new RegExp(`${escapeCode}\\[(\\d+;)*(3[0-7]|4[0-7]|9[0-7]|10[0-7])(;\\d+)*m`);
  const shown = async (env: Record<string, string>) => {
    const terminal = await shell(80, 24, env);
    terminal.run('rankfleet view simulated');
    await terminal.waitFor(/1 Overview/);
    await terminal.see(/\[3 Breakdown\]/, '3');
    return terminal.painted();
  };
  assert.match(await shown({ TERM: 'screen-256color' }), colours);
  assert.ok(!(await shown({ NO_COLOR: '1' })).includes(escapeCode));
  assert.not.match(await shown({ TERM: 'vt52-dull' }), colours);
  assert.match(await shown({ TERM: 'vt52-dull', FORCE_COLOR: '1' }), colours);
});

test('prints the plain report into a pipe', async () => {
  const terminal = await shell(140, 50);
  terminal.run('rankfleet view simulated | tail -3; echo code $?');
  const screen = await terminal.waitFor(/^code 0$/m);
  assert.match(screen, /events simulated$/m);
  assert.is(terminal.modes().alternate, false);
});

test('shows a simulation to its end, and writes what an ordinary run writes', async () => {
  const terminal = await shell();
  terminal.run('rankfleet simulate small-scenario.yaml --watch --out live; echo code $?');
  await terminal.waitFor(/✓ 6 replications done, in live/);
  assert.ok(existsSync(at('live/result.json')), 'written while the person looks on');
  await terminal.see(/\[2 Latency\]/, '2');
  terminal.press('q');
  const screen = await backWith(terminal, 0);
  assert.match(screen, /two over one: p99/);
  assert.match(screen, /^Written: live\/result\.json$/m);
  for (const name of ['result.json', 'placements/two.json']) {
    assert.is(readFileSync(at(`live/${name}`), 'utf8'), readFileSync(at(`simulated/${name}`), 'utf8'));
  }
});

test('asks before it stops a simulation, and writes nothing then', async () => {
  const terminal = await shell();
  terminal.run('rankfleet simulate long.yaml --watch --out stopped');
  await terminal.waitFor(/[1-9]\d*\/400 replications, .* left/);
  await terminal.see(/Stop the simulation\? Nothing is written then\. y\/n/, 'q');
  await terminal.see(/q quit/, 'n');
  assert.is(terminal.modes().alternate, true);
  await terminal.see(/y\/n/, 'q');
  await terminal.see(/nothing is written$/m, 'y');
  terminal.run('echo code $?');
  assert.match(await backWith(terminal, 130), /^stopped: \d+ of 400 replications were simulated/m);
  assert.is(existsSync(at('stopped')), false);
});

test('shows the points of a sweep, keeps them when stopped, and goes on', async () => {
  const terminal = await shell();
  terminal.run('rankfleet sweep many.yaml --watch --out many --format csv --workers 1; echo code $?');
  await terminal.waitFor(/[1-5]\/6 points/);
  await terminal.see(/Stop the sweep\? Finished points are kept\. y\/n/, 'q');
  terminal.press('y');
  const stopped = await backWith(terminal, 130);
  assert.match(stopped, /stopped: [1-5] of 6 points of many\.yaml are kept in many/);
  terminal.run(
    'clear; echo said before; rankfleet sweep many.yaml --watch --out many --format csv --resume; echo code $?',
  );
  await terminal.waitFor(/✓ 6 points done[\s\S]*6 points \(grid\)/);
  terminal.press('q');
  assert.match(await backWith(terminal, 0), /^Results: many\/results\.csv$/m);
});

test('an experiment, which has no screens, is printed whole', async () => {
  folder.write('experiment/result.json', JSON.stringify(experiment()));
  const terminal = await shell();
  terminal.run('rankfleet view experiment; echo "exit $?"');
  const screen = await terminal.waitFor(/^exit \d/m);
  assert.match(screen, /Examples are predicted before they are trained on\.\s+exit 0/);
});

real.run();
