// time-limit: 120 s
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadDevice, loadHost } from '../../hardware-profiles/files.ts';
import { readMeasurements } from '../../hardware-profiles/measurement-files.ts';
import { program, rankfleet } from '../cli/program.ts';

const measuring = suite('calibrate: measuring');
let folder: string;

measuring.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'rankfleet-calibrate-'));
});

measuring.after.each(() => rmSync(folder, { recursive: true }));

/** Folder of the only date below a device. */
function measured(device: string) {
  const host = readFileSync(join(folder, `${device}-host.yaml`), 'utf8');
  assert.match(host, new RegExp(`cpu: ./${device}.yaml`));
  return readMeasurements(dateFolder(device));
}

function dateFolder(device: string): string {
  const { stdout } = rankfleet(['calibrate', '--list']);
  assert.match(stdout, /cpu:/);
  const now = new Date();
  const date = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
  return join(folder, device, date);
}

const quick = [
  '--backend',
  'cpu',
  '--name',
  'here',
  '--operators',
  'layer-norm,rms-norm',
  '--data-types',
  'fp32',
];

measuring('a device leaves files that simulate uses at once', () => {
  const { status, stdout } = rankfleet(['calibrate', ...quick, '--budget', '6s', '--out', folder]);
  assert.is(status, 0);
  assert.match(stdout, /here: \d+ points measured, 0 failed/);
  const { manifest, points } = measured('here');
  assert.ok(points.length >= 4, `${points.length} points`);
  assert.ok(points.every(({ medianS, error, tolerance }) => medianS > 0 && error <= tolerance));
  assert.is(manifest.runs[0].measured, points.length);
  assert.is(manifest.runs[0].backend, 'cpu');
  assert.is(loadDevice(join(folder, 'here.yaml')).measured?.points, points.length);
  assert.ok(loadHost(join(folder, 'here-host.yaml')).dramBytes.value > 1e9);
  const scenario = join(folder, 'mine.yaml');
  writeFileSync(
    scenario,
    `model: ncf
load: { requests: 50, candidates: { kind: fixed, value: 10 } }
fleet: { main: { host: ./here-host.yaml } }
sharding: { strategy: singular }
replications: 2
`,
  );
  const answer = rankfleet(['simulate', scenario, '--json']);
  assert.is(answer.status, 0, answer.stderr);
  assert.ok(JSON.parse(answer.stdout).arms[0].measured.latencyS.p50.mean > 0);
});

measuring('a run that is killed keeps what it measured, and the next one goes on', async () => {
  const args = ['calibrate', ...quick, '--budget', '60s', '--out', folder];
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
  const csv = join(dateFolder('here'), 'layer-norm.csv');
  const lines = () => (existsSync(csv) ? readFileSync(csv, 'utf8').split('\n').length - 2 : 0);
  for (let waited = 0; waited < 40_000 && lines() < 5; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  await new Promise((resolve) => child.on('exit', resolve));
  const kept = lines();
  assert.ok(kept >= 5, `${kept} points`);
  // As if it had been killed in the middle of a line.
  writeFileSync(csv, `${readFileSync(csv, 'utf8')}cpu,rankfleet,fp`);
  const { status, stdout } = rankfleet(['calibrate', ...quick, '--budget', '2s', '--out', folder]);
  assert.is(status, 0);
  assert.match(stdout, /known from earlier runs/);
  const { points } = readMeasurements(dateFolder('here'));
  const shapes = points.map(({ operator, shape, cores }) => JSON.stringify([operator, cores, shape]));
  assert.is(new Set(shapes).size, shapes.length, 'nothing was measured twice');
  assert.ok(points.filter(({ operator }) => operator === 'layer-norm').length >= kept);
});

measuring('an interrupt ends the session after the case in hand, in good order', async () => {
  const args = [
    '--backend',
    'cpu',
    '--name',
    'here',
    '--operators',
    'layer-norm,attention',
    '--budget',
    '10m',
  ];
  const child = spawn(process.execPath, [program, 'calibrate', ...args, '--out', folder]);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    if (!stderr.includes('1 measured') && `${stderr}${text}`.includes('1 measured')) child.kill('SIGINT');
    stderr += text;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  assert.is(status, 0, stderr);
  assert.match(stderr, /stopping after this case/);
  assert.match(stdout, /here: \d+ points? measured, 0 failed; stopped/);
  assert.ok(measured('here').points.length > 0);
});

measuring.run();

const imports = suite('calibrate: import');

imports.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'rankfleet-import-'));
});

imports.after.each(() => rmSync(folder, { recursive: true }));

function imported(name: string, text: string, ...more: string[]) {
  const file = join(folder, name);
  writeFileSync(file, text);
  return rankfleet(['calibrate', '--import', file, '--out', join(folder, 'out'), ...more]);
}

imports('measurements of another tool, in its own units and order of columns', () => {
  const rows = [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384].map(
    (m) => `bf16,1024,1024,${m},${m * 1e-5 + 0.003}`,
  );
  const { status, stdout, stderr } = imported(
    'gemm.csv',
    `dtype,n,k,m,latency_ms\n${rows.join('\n')}\n`,
    '--name',
    'h100-sxm',
  );
  assert.is(status, 0, stderr);
  assert.match(stdout, /gemm +bf16 +cuda/);
  const device = loadDevice(join(folder, 'out/h100-sxm.yaml'));
  const [columns] = device.measured!.columns;
  assert.equal([...columns.medianS].map((s) => Number(s.toPrecision(6))).slice(0, 2), [3.64e-6, 4.28e-6]);
  // Its datasheet stays as the catalogue has it.
  assert.is(device.memory.bandwidthBytesPerS.value, 3.35e12);
});

imports('says by line what is wrong', () => {
  const wrong = imported(
    'gemm.csv',
    'dtype,m,n,k,latency_ms\nbf16,1,2,3,0.1\nbf17,1,2,3,0.1\nbf16,x,2,3,0.1\n',
    '--name',
    'h100-sxm',
  );
  assert.is(wrong.status, 2);
  assert.match(wrong.stderr, /gemm\.csv:3:1.*data_type.*bf17.*bf16/s);
  assert.match(wrong.stderr, /gemm\.csv:4:1.*m: expected a whole number/);
  assert.not.ok(existsSync(join(folder, 'out')), 'nothing is written');
  const noTime = imported('gemm.csv', 'dtype,m,n,k\nbf16,1,2,3\n', '--name', 'h100-sxm');
  assert.match(noTime.stderr, /gemm\.csv:1:1.*median_s/);
  const noOperator = imported('gem.csv', 'dtype,m,n,k,latency_ms\nbf16,1,2,3,1\n', '--name', 'h100-sxm');
  assert.match(noOperator.stderr, /no operator is called 'gem'.*gemm/);
  const noName = imported('gemm.csv', 'dtype,m,n,k,latency_ms\nbf16,1,2,3,1\n');
  assert.match(noName.stderr, /--name/);
  assert.is(imported('gemm.csv', '', '--name', 'h100-sxm').status, 2);
});

imports.run();

const wrongInput = suite('calibrate: bad input');

const mistakes: [args: string[], message: RegExp][] = [
  [['--budget', 'soon'], /--budget soon: expected a time such as/],
  [['--budget', '0s'], /above 0/],
  [['--operators', 'gem'], /no operator is called 'gem'.*gemm/],
  [['--data-types', 'fp99'], /no data type is called 'fp99'/],
  [['--backend', 'cudo'], /no backend is called 'cudo'.*cuda/],
  [['--name', '../x'], /--name/],
  [['--import', 'nowhere.csv', '--name', 'h100-sxm'], /nowhere\.csv.*no such file/],
  [['--refit', 'nowhere'], /nowhere/],
];

for (const [args, message] of mistakes) {
  wrongInput(args.join(' '), () => {
    const { status, stderr, stdout } = rankfleet([
      'calibrate',
      ...args,
      '--out',
      join(tmpdir(), 'rankfleet-never'),
    ]);
    assert.is(status, 2);
    assert.match(stderr, message);
    assert.is(stdout, '');
  });
}

wrongInput('a backend without a device says what was looked for and where', () => {
  const { status, stderr } = rankfleet([
    'calibrate',
    '--backend',
    'hip',
    '--out',
    join(tmpdir(), 'rankfleet-never'),
  ]);
  assert.is(status, 1);
  assert.match(stderr, /no hip device[\s\S]*libamdhip64/);
});

wrongInput.run();
