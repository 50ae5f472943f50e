// time-limit: 300 s
// Many processes of the command are started, which takes a while where others work.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { packageRoot } from '../../foundation/files.ts';
import { program } from '../cli/program.ts';
import { Folder, smallScenario } from '../scenarios/folder.ts';
import { hasRedis, RedisServer } from '../sweep/redis-server.ts';

const deploy = suite('deploy: files for clusters');
if (!hasRedis) console.log('skipped where it needs redis-server, which is not installed');
const withRedis = hasRedis ? deploy : deploy.skip;
const password = 'correct4horse';
const server = hasRedis ? await RedisServer.start('--requirepass', password) : undefined;

const folder = new Folder();
const scenario = folder.write(
  'swept.yaml',
  `${smallScenario.replace('requests: 40', 'requests: 600')}sweep:
  fields: { serving.batch_size: [16, 32, 64] }
`,
);
// What an image, or an installed package, has on its path.
folder.write('bin/rankfleet', `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
folder.write('bin/npx', '#!/bin/sh\nexec "$@"\n');
for (const name of ['rankfleet', 'npx']) chmodSync(join(folder.path, 'bin', name), 0o755);
deploy.after(() => {
  server?.stop();
  folder.remove();
});

const path = [join(folder.path, 'bin'), process.env.PATH].join(delimiter);
const contentOf = (name: string) => readFileSync(join(packageRoot, name), 'utf8');

function shell(command: string, env: Record<string, string> = {}) {
  const options = { cwd: folder.path, encoding: 'utf8', env: { PATH: path, ...env } } as const;
  return spawnSync('bash', ['--norc', '-c', command], options);
}

function succeeds(command: string, env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = shell(command, env);
  assert.is(status, 0, `${command}: exit ${status}\n${stderr}`);
  return stdout;
}

/** Rows of a sweep, whatever the format of its results, as its journals have them. */
function rowsIn(out: string): unknown[] {
  const lines = readdirSync(join(folder.path, out))
    .filter((name) => /^points.*\.ndjson$/.test(name))
    .flatMap((name) =>
      readFileSync(join(folder.path, out, name), 'utf8')
        .trim()
        .split('\n'),
    );
  return lines.map((line) => JSON.parse(line)).sort((a, b) => a.index - b.index);
}

succeeds('rankfleet sweep swept.yaml --out alone');
const expected = rowsIn('alone');

function assertComplete(out: string): void {
  assert.equal(rowsIn(out), expected);
  assert.ok(readdirSync(join(folder.path, out)).some((name) => name.startsWith('results.')));
}

interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string }[];
}

/** Containers of a file of Kubernetes objects, with the object that each stands in. */
function containers(name: string) {
  return parseAllDocuments(contentOf(`deploy/${name}`)).flatMap((document) => {
    assert.equal(document.errors, [], name);
    const object = document.toJS();
    assert.ok(object.apiVersion && object.kind && object.metadata.name, `${name}: no object of Kubernetes`);
    const list: Container[] = object.spec.template?.spec.containers ?? [];
    return list.map((container) => ({ ...container, object }));
  });
}

/** A container's command with its variables put in, as Kubernetes does, and its mounts in the test's folder. */
function commandOf(
  { command = ['rankfleet'], args = [], env = [] }: Container,
  given: Record<string, string>,
) {
  const values: Record<string, string> = {};
  const put = (text: string) => text.replace(/\$\((\w+)\)/g, (_, name) => values[name] ?? given[name]);
  for (const { name, value } of env) values[name] = given[name] ?? put(value ?? '');
  const words = [...command, ...args].map((word) =>
    put(word).replaceAll('/scenario/scenario.yaml', scenario).replaceAll('/data', folder.path),
  );
  const environment: Record<string, string> = { PATH: path, ...values, ...given };
  return { words, env: environment };
}

function runs(container: Container, given: Record<string, string>): void {
  const { words, env } = commandOf(container, given);
  const { status, stderr } = spawnSync(words[0], words.slice(1), { cwd: folder.path, encoding: 'utf8', env });
  assert.is(status, 0, `${words.join(' ')}\n${stderr}`);
}

const variables = { PATH: path, OUT: 'slurm', SHARDS: '2', SLURM_CPUS_PER_TASK: '1' };

deploy('the array of Slurm and its merge give the sweep', () => {
  const array = join(packageRoot, 'deploy/slurm-array.sbatch');
  const task = (id: string) => shell(`bash '${array}' swept.yaml`, { ...variables, SLURM_ARRAY_TASK_ID: id });
  assert.is(task('1').status, 0);
  const merge = `bash '${join(packageRoot, 'deploy/slurm-merge.sbatch')}' swept.yaml`;
  const tooEarly = shell(merge, variables);
  assert.is(tooEarly.status, 1);
  assert.match(tooEarly.stderr, /2 are missing/);
  assert.is(task('0').status, 0);
  succeeds(merge, variables);
  assertComplete('slurm');
  const beyond = task('2');
  assert.is(beyond.status, 2);
  assert.match(beyond.stderr, /only 2 shards/);
  const text = contentOf('deploy/slurm-array.sbatch');
  const last = Number(/#SBATCH --array=0-(\d+)/.exec(text)?.[1]);
  assert.is(Number(/SHARDS:-(\d+)/.exec(text)?.[1]), last + 1, 'as many shards as tasks');
});

deploy('the Indexed Job of Kubernetes and its merge give the sweep', () => {
  const [sweep] = containers('kubernetes-indexed-job.yaml');
  const { completions, parallelism, completionMode } = sweep.object.spec;
  assert.is(completionMode, 'Indexed');
  assert.is(sweep.env?.find(({ name }) => name === 'SHARDS')?.value, `${completions}`);
  assert.ok(parallelism <= completions);
  for (const index of ['0', '1']) runs(sweep, { SHARDS: '2', CPUS: '1', JOB_COMPLETION_INDEX: index });
  const [merge] = containers('kubernetes-merge-job.yaml');
  runs(merge, {});
  assertComplete('sweep');
});

withRedis('the workers of Kubernetes and of Slurm serve the sweep', async () => {
  const all = containers('kubernetes-workers.yaml');
  const at = (name: string) => all.find((container) => container.name === name)!;
  const url = (text: string) => text.replace('rankfleet-redis:6379', `127.0.0.1:${server!.port}`);
  const given = { REDIS_PASSWORD: password, CPUS: '1' };
  const { words, env } = commandOf(at('worker'), given);
  const redis = url(env.RANKFLEET_REDIS);
  const worker = spawn(words[0], words.slice(1), {
    env: { ...env, RANKFLEET_REDIS: redis },
    stdio: 'ignore',
  });
  const ended = once(worker, 'exit');
  const sweep = commandOf(at('sweep'), given);
  const script = sweep.words[2].replace('/sweep ', '/by-workers ');
  succeeds(script, { RANKFLEET_REDIS: redis });
  worker.kill('SIGTERM');
  assert.equal(await ended, [0, null]);
  assertComplete('by-workers');
  const idle = shell(`bash '${join(packageRoot, 'deploy/slurm-workers.sbatch')}'`, {
    RANKFLEET_REDIS: redis,
    SLURM_CPUS_PER_TASK: '1',
    IDLE: '0s',
  });
  assert.is(idle.status, 0, idle.stderr);
});

deploy('images are of this version', () => {
  const { version } = JSON.parse(contentOf('package.json'));
  for (const name of readdirSync(join(packageRoot, 'deploy'))) {
    if (name.endsWith('.sbatch')) succeeds(`bash -n '${join(packageRoot, 'deploy', name)}'`);
    for (const [, tag] of contentOf(`deploy/${name}`).matchAll(/rankfleet:(\d\S*)/g))
      assert.is(tag, version, name);
  }
});

withRedis('the commands of docs/clusters.md do what it says', () => {
  const page = contentOf('docs/clusters.md');
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block);
  folder.write('space.yaml', blocks('yaml')[0]);
  const commands = blocks('sh').join('\n');
  const url = server!.url().replace('//', `//:${password}@`);
  const printed = succeeds(`set -e\n${commands.replaceAll('redis://localhost:6379', url)}`);
  assert.match(printed, /the same, byte for byte/);
  for (const [, link] of page.matchAll(/\]\((\.\.\/[^)]+)\)/g)) {
    assert.ok(existsSync(join(packageRoot, 'docs', link)), link);
  }
});

deploy.run();
