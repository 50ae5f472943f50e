import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { parseYaml } from '../../foundation/document.ts';
import { packageRoot, readTextFile } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { loadDevice, loadHost, loadNetwork } from '../../hardware-profiles/files.ts';
import { resolveDevice, resolveHost, resolveNetwork } from '../../hardware-profiles/resolve.ts';
import { hardwareSchemas } from '../../hardware-profiles/schema.ts';

const device = textOf('devices/h100-sxm');
const cpu = textOf('devices/skylake-20c');
const host = textOf('hosts/h100x8');
const network = textOf('networks/datacentre-tcp');

const fields = suite('hardware files: wrong fields');

fields('a wrong unit is answered with the known ones, at its place', () => {
  const problem = deviceProblem(device.replace('3.35 TB/s', '3.35 TB'));
  assert.match(
    problem,
    /^edited\.yaml:\d+:\d+: memory\.bandwidth\.value: expected a bandwidth with its unit/,
  );
  assert.match(problem, /'TB' is not one of .*GB\/s/);
  assert.is(lineOf(problem), lineContaining(device, '3.35 TB/s'));
});

fields('a negative or zero rate is out of range', () => {
  assert.match(
    deviceProblem(device.replace('3.35 TB/s', '-3 TB/s')),
    /memory\.bandwidth\.value: .*above zero/,
  );
  assert.match(deviceProblem(device.replace('67 TFLOP/s', '0 TFLOP/s')), /peak\.fp32\.value: .*above zero/);
});

fields('an unknown key is answered with the nearest', () => {
  const problem = deviceProblem(device.replace('launch_overhead:', 'lauch_overhead:'));
  assert.match(
    problem,
    /:\d+:1: lauch_overhead: unknown key 'lauch_overhead' \(did you mean 'launch_overhead'/,
  );
});

fields('a missing field is named', () => {
  assert.match(deviceProblem(without(device, 'cache:')), /cache: required, but missing/);
  assert.match(deviceProblem(device.replace(', evidence: datasheet', '')), /evidence: required, but missing/);
});

fields('a wrong evidence level is answered with the nearest', () => {
  const problem = deviceProblem(device.replace('evidence: datasheet', 'evidence: datasheat'));
  assert.match(problem, /peak\.fp64\.evidence: expected one of .*did you mean 'datasheet'/);
});

fields('a source that is a mistyped key of sources is found', () => {
  const problem = deviceProblem(device.replace('source: sheet }', 'source: shet }'));
  assert.match(problem, /peak\.fp64\.source: 'shet' is not a key of sources \(did you mean 'sheet'\?\)/);
});

fields('a share is above 0 and at most 1', () => {
  for (const share of ['1.2', '0', '-0.1', '60 %']) {
    const problem = deviceProblem(device.replace('dense: { value: 0.6', `dense: { value: ${share}`));
    assert.match(problem, /efficiency\.dense\.value: .*above 0 and at most 1/);
  }
});

fields('only a cpu has cores, and every cpu has them', () => {
  assert.match(deviceProblem(without(cpu, 'cores:')), /cores: required for a cpu, but missing/);
  const line = 'cores: { value: 4, evidence: assumed, source: a guess }';
  assert.match(deviceProblem(`${device}${line}\n`), /cores: only a cpu has cores/);
});

fields('a device without any peak rate is refused', () => {
  assert.match(
    deviceProblem(device.replace(/peak:\n( {2}\w+: .*\n)+/, 'peak: {}\n')),
    /peak: at least one data type/,
  );
});

fields('a file of another kind is one problem', () => {
  const problem = deviceProblem(host);
  assert.is(problem, "edited.yaml:1:7: kind: expected kind: device, got 'host'");
});

fields('every problem of a file is listed', () => {
  const text = without(device, 'power:').replace('50 MiB', '50 MBs');
  assert.is(deviceProblem(text).split('\n').length, 2);
});

fields('a file that is no mapping is refused', () => {
  assert.match(deviceProblem('- 1\n'), /expected a mapping with kind/);
  assert.match(deviceProblem(''), /expected a mapping with kind/);
});

fields.run();

const order = suite('hardware files: fields that do not go together');

order('round trips: minimum, median and p99 in order', () => {
  const slowMinimum = network.replace('minimum: { value: 60 us', 'minimum: { value: 600 us');
  assert.match(networkProblem(slowMinimum), /round_trip\.median\.value: .*below the minimum/);
  const fastTail = network.replace('p99: { value: 500 us', 'p99: { value: 100 us');
  assert.match(networkProblem(fastTail), /round_trip\.p99\.value: .*below the median/);
});

order('a busy host draws at least what an idle one does', () => {
  const problem = hostProblem(host.replace('power_busy: { value: 9000 W', 'power_busy: { value: 90 W'));
  assert.match(problem, /power_busy\.value: a busy host draws at least .*2000 W/);
});

order("a host's cpu is a cpu, and its accelerators are not", () => {
  assert.match(hostProblem(host.replace('cpu: xeon-6980p', 'cpu: h100-sxm')), /cpu: 'h100-sxm' is a gpu/);
  const swapped = host.replace('device: h100-sxm', 'device: skylake-20c');
  assert.match(hostProblem(swapped), /accelerators\.device: 'skylake-20c' is a cpu/);
});

order('DRAM fits the sockets', () => {
  assert.match(hostProblem(host.replace('2048 GB', '2 PB')), /dram\.value: 2 × xeon-6980p address at most/);
});

order('a count is whole', () => {
  const problem = hostProblem(host.replace('count: { value: 8', 'count: { value: 7.5'));
  assert.match(problem, /accelerators\.count\.value: expected a whole number/);
});

order.run();

const names = suite('hardware files: names and paths');

names('an unknown name is answered with the nearest and the list', () => {
  assert.match(
    messageOf(() => loadDevice('h100-smx')),
    /unknown device 'h100-smx' \(did you mean 'h100-sxm'\?\)/,
  );
  assert.match(
    messageOf(() => loadHost('nothing-like-it')),
    /the catalogue has .*sc-large.*or give a path/,
  );
  assert.match(
    messageOf(() => loadNetwork('datacenter-tcp')),
    /did you mean 'datacentre-tcp'/,
  );
});

names('an unknown device of a host is reported where the host names it', () => {
  const problem = hostProblem(host.replace('cpu: xeon-6980p', 'cpu: xeon-6980'));
  assert.match(problem, /^edited\.yaml:\d+:6: cpu: unknown device 'xeon-6980' \(did you mean 'xeon-6980p'/);
});

names('paths start at the file that refers to them', () => {
  inFolder((folder) => {
    writeFileSync(join(folder, 'chip.yaml'), cpu.replace('name: skylake-20c', 'name: my-chip'));
    writeFileSync(join(folder, 'box.yaml'), textOf('hosts/sc-large').replace('skylake-20c', './chip.yaml'));
    const scenario = join(folder, 'scenario.yaml');
    assert.is(loadHost('box.yaml', scenario).cpu.name, 'my-chip');
    assert.is(loadHost(join(folder, 'box.yaml')).cpu.name, 'my-chip');
    assert.match(
      messageOf(() => loadHost('bux.yaml', scenario)),
      /no such file: .*bux\.yaml/,
    );
  });
});

names('a mistake in a device file is reported in that file', () => {
  inFolder((folder) => {
    writeFileSync(join(folder, 'chip.yaml'), cpu.replace('85 GB/s', '85 GB'));
    writeFileSync(join(folder, 'box.yaml'), textOf('hosts/sc-large').replace('skylake-20c', 'chip.yaml'));
    assert.match(
      messageOf(() => loadHost(join(folder, 'box.yaml'))),
      /chip\.yaml:\d+:\d+: memory\.bandwidth/,
    );
  });
});

names.run();

const schemas = suite('hardware files: JSON Schema');

schemas('each kind of file has one, for editors', () => {
  for (const [kind, schema] of Object.entries(hardwareSchemas)) {
    const json = z.toJSONSchema(schema, { io: 'input' });
    assert.is(json.type, 'object');
    assert.is((json.properties!.kind as { const: string }).const, kind);
    assert.is(json.additionalProperties, false);
    assert.ok(json.required!.includes('description'));
  }
});

schemas.run();

function textOf(name: string): string {
  return readTextFile(join(packageRoot, 'hardware-profiles/catalogue', `${name}.yaml`));
}

function without(text: string, lineStart: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith(lineStart))
    .join('\n');
}

function deviceProblem(text: string): string {
  return messageOf(() => resolveDevice(parseYaml(text, 'edited.yaml')));
}

function hostProblem(text: string): string {
  return messageOf(() => resolveHost(parseYaml(text, 'edited.yaml'), (name) => loadDevice(name)));
}

function networkProblem(text: string): string {
  return messageOf(() => resolveNetwork(parseYaml(text, 'edited.yaml')));
}

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.instance(error, InputError);
    return (error as InputError).message;
  }
  throw new Error('expected an InputError');
}

function lineContaining(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

function lineOf(problem: string): number {
  return Number(problem.split(':')[1]);
}

function inFolder(act: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-hardware-'));
  try {
    act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
