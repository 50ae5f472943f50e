import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CompileError, DeviceUnavailable, OutOfMemory, Unsupported } from '../../harness/device.ts';
import type { WorkerCommand } from '../../harness/devices/python/interpreter.ts';
import { workerCommand } from '../../harness/devices/python/interpreter.ts';
import { pythonBackendBy } from '../../harness/devices/python/python-backend.ts';
import { errorOf, WorkerFailure } from '../../harness/devices/python/reply-error.ts';
import { WorkerProcess } from '../../harness/devices/python/worker-process.ts';
import { failure } from '../failure.ts';

/** A worker in JavaScript: `answer` is the body of a function of a request that may call `say(line)`. */
function fakeWorker(answer: string): WorkerCommand {
  const program = `
    const say = (line) => process.stdout.write(line + '\\n');
    const reply = (id, result) => say(JSON.stringify({ id, result }));
    const answer = ({ id, method, params }) => { ${answer} };
    require('readline').createInterface({ input: process.stdin }).on('line', (line) => answer(JSON.parse(line)));
  `;
  return { interpreter: process.execPath, chosenBy: 'the test', arguments: ['-e', program] };
}

const hello = `if (method === 'hello') reply(id, { protocol: 2, python: '3', devices: ['one'], looked: ['x: y'] });`;
const open = `if (method === 'open') reply(id, { description: { name: 'one' }, implementations: {} });`;

const requests = suite('python protocol: requests');

requests('are answered by number, in whatever order the answers come', async () => {
  const worker = new WorkerProcess(
    fakeWorker(`
      if (method === 'first') globalThis.late = () => reply(id, 'one');
      else { reply(id, 'two'); late(); }
    `),
  );
  const answers = await Promise.all([worker.request('first'), worker.request('second')]);
  assert.equal(answers, ['one', 'two']);
  await worker.close();
});

requests('may be answered in pieces and in lines of a megabyte', async () => {
  const worker = new WorkerProcess(fakeWorker(`reply(id, params.text + params.text);`));
  const text = 'é'.repeat(1 << 19);
  assert.is(await worker.request('echo', { text }), text + text);
  await worker.close();
});

for (const [what, line] of [
  ['no JSON', 'hello there'],
  ['no object', '17'],
  ['null', 'null'],
  ['neither result nor error', '{"id":1}'],
  ['an error without a kind', '{"id":1,"error":"bad"}'],
  ['another number', '{"id":9,"result":1}'],
  ['no number', '{"result":1}'],
]) {
  requests(`fail when the answer is ${what}, and so do all later ones`, async () => {
    const worker = new WorkerProcess(fakeWorker(`say(${JSON.stringify(line)});`));
    const [first, together] = await Promise.all([failure(worker.request('a')), failure(worker.request('b'))]);
    assert.instance(first, WorkerFailure);
    assert.match(first.message, `said what is no reply: ${line}`);
    assert.is(together, first);
    assert.is(await failure(worker.request('c')), first);
    await worker.close();
  });
}

requests('fail with what the worker last printed when it dies in the middle', async () => {
  const worker = new WorkerProcess(
    fakeWorker(
      `process.stderr.write('something broke\\n', () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50));`,
    ),
  );
  const error = await failure(worker.request('compile'));
  assert.instance(error, WorkerFailure);
  assert.match(error.message, 'the Python worker was killed by SIGKILL');
  assert.match(error.message, 'it printed:\nsomething broke');
  assert.is(await failure(worker.request('compile')), error);
  await worker.close();
});

requests('fail with the exit code when it gives up', async () => {
  const worker = new WorkerProcess(fakeWorker('process.exit(7);'));
  assert.match((await failure(worker.request('a'))).message, 'exited with code 7');
  await worker.close();
});

requests('keep the end of a long story on standard error', async () => {
  const worker = new WorkerProcess(
    fakeWorker(`process.stderr.write('x'.repeat(1e6) + 'the end', () => process.exit(1));`),
  );
  const { stderr } = (await failure(worker.request('a'))) as WorkerFailure;
  assert.ok(stderr.length <= 8192);
  assert.ok(stderr.endsWith('the end'));
  await worker.close();
});

requests('that are waiting fail when the worker is closed, even if it does not stop by itself', async () => {
  const worker = new WorkerProcess(
    fakeWorker(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`),
  );
  const waiting = failure(worker.request('a'));
  await worker.close();
  assert.match((await waiting).message, 'was closed');
});

requests.run();

const errors = suite('python protocol: errors');

errors('become the errors of a device', () => {
  const compile = errorOf({ kind: 'compile', message: 'no', log: 'line 1' }, 'the kernel', '');
  assert.instance(compile, CompileError);
  assert.is((compile as CompileError).log, 'line 1');
  const memory = errorOf({ kind: 'out-of-memory', message: '', askedBytes: 10, freeBytes: 3 }, 'it', '');
  assert.instance(memory, OutOfMemory);
  assert.equal([(memory as OutOfMemory).askedBytes, (memory as OutOfMemory).freeBytes], [10, 3]);
  const unknownFree = errorOf(
    { kind: 'out-of-memory', message: '', askedBytes: 10, freeBytes: null },
    'it',
    '',
  );
  assert.is((unknownFree as OutOfMemory).freeBytes, undefined);
  assert.instance(errorOf({ kind: 'unsupported', message: 'no fp8' }, 'it', ''), Unsupported);
  const python = errorOf({ kind: 'python', message: 'KeyError', traceback: 'File a' }, 'run', 'warning\n');
  assert.instance(python, WorkerFailure);
  assert.is(python.message, 'run: KeyError\nFile a\nit printed:\nwarning');
  assert.match(errorOf({ kind: 'never heard of', message: 'what' }, 'run', '').message, 'run: what');
});

errors.run();

const backend = suite('python protocol: backend');

backend('tells what it looked for when there is no interpreter', async () => {
  const command = workerCommand({ RANKFLEET_PYTHON: 'no-such-python' });
  const missing = pythonBackendBy(() => command);
  const found = await missing.find();
  assert.equal(found, { devices: [], looked: ['no-such-python ($RANKFLEET_PYTHON): not found'] });
  const error = await failure(missing.open());
  assert.instance(error, DeviceUnavailable);
  assert.equal((error as DeviceUnavailable).looked, found.looked);
});

backend('runs python3 unless another is named, on the worker of the package', () => {
  const { interpreter, arguments: list } = workerCommand({});
  assert.is(interpreter, 'python3');
  assert.ok(list.at(-1)!.endsWith('harness/python/worker.py'));
  assert.is(workerCommand({ RANKFLEET_PYTHON: 'python3.12' }).interpreter, 'python3.12');
});

backend('refuses a worker of another protocol', async () => {
  const other = pythonBackendBy(() =>
    fakeWorker(`reply(id, { protocol: 3, python: '3', devices: ['one'], looked: [] });`),
  );
  const { devices, looked } = await other.find();
  assert.equal(devices, []);
  assert.match(looked[0], 'speaks another protocol than 2');
  assert.instance(await failure(other.open()), DeviceUnavailable);
});

backend('tells what a worker printed that ends before its first answer', async () => {
  const broken = pythonBackendBy(() =>
    fakeWorker(`process.stderr.write('SyntaxError: no', () => process.exit(1));`),
  );
  const { looked } = await broken.find();
  assert.match(looked[0], 'exited with code 1');
  assert.match(looked[0], 'SyntaxError: no');
});

backend('opens devices by number and says which there are', async () => {
  const one = pythonBackendBy(() => fakeWorker(hello + open));
  assert.equal((await one.find()).devices, ['one']);
  const device = await one.open(0);
  assert.is((await device.describe()).name, 'one');
  assert.equal(device.implementations('gemm', 'fp32'), []);
  await device.close();
  const error = await failure(one.open(3));
  assert.instance(error, DeviceUnavailable);
  assert.equal((error as DeviceUnavailable).looked.slice(1), ['x: y', '0: one', 'no device 3']);
});

backend('fails to open where the worker dies on it', async () => {
  const dying = pythonBackendBy(() => fakeWorker(`${hello} else process.exit(3);`));
  assert.match((await failure(dying.open())).message, 'exited with code 3');
});

backend.run();
