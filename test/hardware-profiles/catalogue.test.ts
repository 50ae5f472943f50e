import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseYaml } from '../../foundation/document.ts';
import type { Evidenced } from '../../foundation/evidence.ts';
import { packageRoot, readTextFile } from '../../foundation/files.ts';
import { evidenceByField, evidencedFields } from '../../hardware-profiles/evidenced-fields.ts';
import { catalogueNames, loadDevice, loadHost, loadNetwork } from '../../hardware-profiles/files.ts';
import type { Device, PeakDataType } from '../../hardware-profiles/profile.ts';

const devices = catalogueNames('devices').map((name) => loadDevice(name));
const hosts = catalogueNames('hosts').map((name) => loadHost(name));
const networks = catalogueNames('networks').map((name) => loadNetwork(name));

const everyFile = suite('hardware catalogue: every file');

everyFile('loads, and is named as its file', () => {
  assert.equal(
    devices.map(({ name }) => name),
    catalogueNames('devices'),
  );
  assert.equal(
    hosts.map(({ name }) => name),
    catalogueNames('hosts'),
  );
  assert.equal(
    networks.map(({ name }) => name),
    catalogueNames('networks'),
  );
});

everyFile('holds no number without evidence and a source in words', () => {
  for (const profile of [...devices, ...hosts, ...networks]) {
    const fields = evidencedFields(profile);
    assert.equal(fields.length, countNumbers(profile), `${profile.name}: a bare number`);
    for (const { path, field } of fields) {
      assert.match(field.source, /\w+\W+\w+/, `${profile.name} ${path.join('.')}: '${field.source}'`);
    }
  }
});

everyFile('calls no price published or measured', () => {
  for (const { name, pricePerHourUsd } of hosts) assert.is(pricePerHourUsd.evidence, 'assumed', name);
});

everyFile('quotes the paper of scale-out inference only as recollected', () => {
  for (const name of ['sc-large', 'sc-small']) {
    const quoted = evidencedFields(loadHost(name)).filter(({ field }) => /Lui et al/.test(field.source));
    assert.ok(quoted.length > 0);
    for (const { field } of quoted) assert.is(field.evidence, 'recollected');
  }
});

everyFile('declares no citation that it does not use', () => {
  for (const folder of ['devices', 'hosts', 'networks'] as const) {
    for (const name of catalogueNames(folder)) {
      const text = readTextFile(`${packageRoot}/hardware-profiles/catalogue/${folder}/${name}.yaml`);
      const { sources = {} } = parseYaml(text, name).value as { sources?: Record<string, string> };
      for (const key of Object.keys(sources)) assert.ok(text.includes(`source: ${key} }`), `${name}: ${key}`);
    }
  }
});

everyFile.run();

const plausible = suite('hardware catalogue: plausible');

plausible('a narrower data type is never slower', () => {
  const wider: [PeakDataType, PeakDataType][] = [
    ['fp64', 'fp32'],
    ['fp32', 'tf32'],
    ['tf32', 'bf16'],
    ['fp32', 'bf16'],
    ['fp32', 'fp16'],
    ['bf16', 'fp16'],
    ['fp16', 'fp8'],
    ['fp8', 'fp4'],
    ['fp16', 'int8'],
    ['int8', 'int4'],
  ];
  for (const { name, peakFlopPerS } of devices) {
    for (const [wide, narrow] of wider) {
      const [slow, fast] = [peakFlopPerS[wide]?.value, peakFlopPerS[narrow]?.value];
      if (slow && fast) assert.ok(fast >= slow, `${name}: ${narrow} below ${wide}`);
    }
  }
});

plausible('sizes, bandwidths and powers are of their order of magnitude', () => {
  for (const { name, memory, cacheBytes, launchOverheadS, powerW, peakFlopPerS } of devices) {
    within(memory.bandwidthBytesPerS, 30e9, 10e12, `${name} bandwidth`);
    within(memory.capacityBytes, 16e9, 10e12, `${name} capacity`);
    within(cacheBytes, 4e6, 600e6, `${name} cache`);
    within(launchOverheadS, 0.5e-6, 20e-6, `${name} launch overhead`);
    within(powerW, 50, 1500, `${name} power`);
    within(peakFlopPerS.fp32, 0.2e12, 200e12, `${name} fp32`);
  }
});

plausible('a host fits together', () => {
  for (const { name, cpu, sockets, dramBytes, accelerators, powerIdleW, powerBusyW } of hosts) {
    const parts = sockets.value * cpu.powerW.value;
    const accelerated = accelerators ? accelerators.count.value * accelerators.device.powerW.value : 0;
    assert.ok(powerBusyW.value >= (parts + accelerated) * 0.95, `${name}: draws less than its processors`);
    assert.ok(powerIdleW.value < powerBusyW.value / 2, `${name}: idle power`);
    assert.ok(dramBytes.value <= sockets.value * cpu.memory.capacityBytes.value, `${name}: DRAM`);
    if (!accelerators) continue;
    const { hostLinkBytesPerS, peerLinkBytesPerS, device } = accelerators;
    assert.ok(peerLinkBytesPerS.value >= hostLinkBytesPerS.value, `${name}: links`);
    assert.ok(hostLinkBytesPerS.value < device.memory.bandwidthBytesPerS.value, `${name}: host link`);
  }
});

plausible('cores of one socket together draw at most what it has, within a factor', () => {
  for (const device of devices.filter(({ kind, measured }) => kind === 'cpu' && !measured)) {
    const { cores, coreBandwidthBytesPerS, memory, efficiency } = device;
    const together = cores!.value * coreBandwidthBytesPerS!.value;
    const reached = memory.bandwidthBytesPerS.value * efficiency.gather.value;
    assert.ok(together > reached / 2 && together < reached * 2, device.name);
  }
});

plausible.run();

const known = suite('hardware catalogue: known values');

known('H100 SXM, dense', () => {
  const h100 = loadDevice('h100-sxm');
  assert.is(h100.peakFlopPerS.fp16?.value, 989.4e12);
  assert.is(h100.peakFlopPerS.fp32?.value, 67e12);
  assert.is(h100.memory.bandwidthBytesPerS.value, 3.35e12);
  assert.is(h100.memory.capacityBytes.value, 80e9);
  assert.is(h100.powerW.value, 700);
  assert.is(h100.memory.bandwidthBytesPerS.evidence, 'datasheet');
  assert.match(h100.memory.bandwidthBytesPerS.source, /H100.*datasheet/);
});

known('A100, H200, B200, MI300X and MTIA v2i', () => {
  const rate = (name: string, type: PeakDataType) => loadDevice(name).peakFlopPerS[type]?.value;
  assert.is(rate('a100-sxm-80gb', 'bf16'), 312e12);
  assert.is(rate('b200', 'fp8'), 4500e12);
  assert.is(rate('mi300x', 'fp16'), 1307.4e12);
  assert.is(rate('mtia-v2i', 'int8'), 354e12);
  assert.is(loadDevice('h200-sxm').memory.bandwidthBytesPerS.value, 4.8e12);
  assert.is(loadHost('mtia-v2ix24').accelerators?.count.value, 24);
});

known('SC-Large reaches about 35 GFLOP/s and 2.5 GB/s a core', () => {
  const { cpu, sockets, dramBytes, nicBytesPerS } = loadHost('sc-large');
  const perCore = (cpu.peakFlopPerS.fp32!.value * cpu.efficiency.dense.value) / cpu.cores!.value;
  within({ value: perCore }, 34e9, 36e9, 'dense rate of a core');
  assert.is(cpu.coreBandwidthBytesPerS!.value, 2.5e9);
  assert.is(cpu.memory.bandwidthBytesPerS.value, 85e9);
  assert.is(sockets.value * cpu.cores!.value, 40);
  assert.is(dramBytes.value, 256e9);
  assert.is(nicBytesPerS.value, 3.125e9);
});

known('evidence of each field by its path', () => {
  const evidence = evidenceByField(loadHost('sc-large'));
  assert.is(evidence.dramBytes, 'recollected');
  assert.is(evidence['cpu.efficiency.dense'], 'assumed');
});

known.run();

function within(field: Pick<Evidenced, 'value'> | undefined, low: number, high: number, what: string): void {
  assert.ok(field && field.value >= low && field.value <= high, `${what}: ${field?.value}`);
}

/** Numbers anywhere in a profile: each of them has to belong to an evidenced field. */
function countNumbers(value: Device | object | number): number {
  if (typeof value === 'number') return 1;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, child]) => {
    // Measured points are no figures of a profile.
    const isApart = key === 'measured' || key === 'calibratedLike';
    return isApart ? sum : sum + countNumbers(child);
  }, 0);
}
