import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Evidenced } from '../../foundation/evidence.ts';
import { InputError } from '../../foundation/problem.ts';
import { loadHost } from '../../hardware-profiles/files.ts';
import type { Device } from '../../hardware-profiles/profile.ts';
import { activation, fullyConnected, siteOf } from '../../models/operators.ts';
import { acceleratorRoofline, coreRoofline, denseSeconds, operatorSeconds } from '../../sim/cost/roofline.ts';
import { cacheSpeedUp } from '../../sim/cost/roofs.ts';

const known = (value: number): Evidenced => ({ value, evidence: 'assumed', source: 'test' });

const device: Device = {
  name: 'test',
  kind: 'cpu',
  vendor: 'test',
  description: 'round figures',
  peakFlopPerS: { fp32: known(1e12), bf16: known(4e12) },
  memory: { capacityBytes: known(1e12), bandwidthBytesPerS: known(1e11) },
  cacheBytes: known(1e7),
  launchOverheadS: known(2e-6),
  powerW: known(100),
  cores: known(10),
  clockHz: known(2e9),
  coreBandwidthBytesPerS: known(2e9),
  efficiency: { dense: known(0.5), stream: known(0.8), gather: known(0.7) },
};

const layer = fullyConnected(siteOf('before', 'candidate', 'fp32'), 'fc', { k: 512, n: 256 });
const relu = activation(siteOf('before', 'candidate', 'fp32'), 'relu', 1000);

const roofline = suite('roofline');

roofline('one CPU core: a tenth of the peak at its efficiency, and cache speed', () => {
  const core = coreRoofline(device);
  // 2 · 512 · 256 FLOPs a candidate at 0.1 TFLOP/s × 0.5.
  near(operatorSeconds(layer, 64, core), 2e-6 + (64 * 2 * 512 * 256) / (1e11 * 0.5));
  // An activation moves 8,000 bytes a candidate at 0.8 of the cache's 16 GB/s; its FLOPs take less.
  near(operatorSeconds(relu, 64, core), 2e-6 + (64 * 8000) / (cacheSpeedUp * 2e9 * 0.8));
});

roofline('an accelerator: its whole peak and bandwidth, by data type', () => {
  const unit = acceleratorRoofline(device);
  near(operatorSeconds(layer, 4096, unit), 2e-6 + (4096 * 2 * 512 * 256) / (1e12 * 0.5));
  const narrow = fullyConnected(siteOf('before', 'candidate', 'bf16'), 'fc', { k: 512, n: 256 });
  near(operatorSeconds(narrow, 4096, unit), 2e-6 + (4096 * 2 * 512 * 256) / (4e12 * 0.5));
  // One candidate: the weights (513 × 256 of 4 bytes) have to be read.
  const bytes = 4 * (513 * 256 + 512 + 256);
  near(operatorSeconds(layer, 1, unit), 2e-6 + bytes / (1e11 * 0.8));
});

roofline('several operators: their sum, for any batch size, asked twice', () => {
  const core = coreRoofline(device);
  const seconds = denseSeconds([layer, relu], core);
  for (const candidates of [1, 64, 64, 1000]) {
    near(
      seconds(candidates),
      operatorSeconds(layer, candidates, core) + operatorSeconds(relu, candidates, core),
    );
  }
  assert.is(denseSeconds([], core)(10), 0);
});

roofline(
  'a CPU without a type computes in fp32; an accelerator without it is an error that names the field',
  () => {
    near(coreRoofline(device).peakFlopPerS('fp8'), 1e11);
    const error = inputError(() => acceleratorRoofline(device).peakFlopPerS('fp8'));
    assert.match(error, /device 'test' has no peak\.fp8/);
    const { fp32: _, ...others } = device.peakFlopPerS;
    const bare = { ...device, peakFlopPerS: others };
    assert.match(
      inputError(() => coreRoofline(bare).peakFlopPerS('fp32')),
      /no peak\.fp32/,
    );
  },
);

roofline('a CPU without cores or bandwidth of a core is an error that names them', () => {
  const { cores: _, ...withoutCores } = device;
  assert.match(
    inputError(() => coreRoofline(withoutCores)),
    /no cores/,
  );
  const { coreBandwidthBytesPerS: __, ...withoutBandwidth } = device;
  assert.match(
    inputError(() => coreRoofline(withoutBandwidth)),
    /core_bandwidth/,
  );
});

roofline('rests on its weakest figure', () => {
  const better = { value: 1, evidence: 'measured', source: 'test' } as const;
  assert.is(coreRoofline({ ...device, cores: better }).evidence, 'assumed');
});

roofline('of every catalogue host used by scenarios can be made', () => {
  for (const name of ['sc-large', 'sc-small', 'h100x8']) {
    const host = loadHost(name);
    assert.ok(coreRoofline(host.cpu).peakFlopPerS('fp32') > 1e9);
    if (host.accelerators)
      assert.ok(acceleratorRoofline(host.accelerators.device).peakFlopPerS('fp32') > 1e12);
  }
});

roofline.run();

function inputError(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.instance(error, InputError);
    return (error as Error).message;
  }
  return assert.unreachable('an InputError was expected') as never;
}

function near(value: number, expected: number): void {
  assert.ok(Math.abs(value / expected - 1) < 1e-12, `${value}, expected ${expected}`);
}
