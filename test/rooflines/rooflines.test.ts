import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { loadDevice } from '../../hardware-profiles/files.ts';
import { measurementsRoot, readMeasurements } from '../../hardware-profiles/measurement-files.ts';
import type { MeasuredDataType, OperatorName } from '../../hardware-profiles/operators-measured.ts';
import type { PeakDataType } from '../../hardware-profiles/profile.ts';
import { roofsOf } from '../../sim/cost/roofs-of.ts';
import { surfaceOf } from '../../sim/cost/surfaces.ts';
import { operatorWork } from '../../sim/cost/work.ts';
import { type Result, resultSchema } from '../../sim/result.ts';
import { mostPoints } from '../../sim/rooflines/measured-sample.ts';
import { answer, near, sum, tiny } from '../serving/scenarios.ts';

const few = 'load: {candidates: {kind: fixed, value: 50}, requests: 10}\nreplications: 1';

/** Arms on measured and unmeasured CPUs, on an accelerator that was measured and on one that is like it. */
const mixed = tiny(`
${few}
serving: {batch_size: whole-request}
sharding: {strategy: singular}
arms:
  - {name: cores}
  - {name: cores again, serving: {net_overhead: 20 us}}
  - {name: shards, sharding: {strategy: load-balanced, shards: 2}}
  - {name: measured cores, fleet: {main: {host: emerald-rapids-vm}}}
  - {name: transferred, serving: {tables_on: accelerator}, fleet: {main: {host: h100x8}}}
  - {name: measured, serving: {tables_on: accelerator, accelerator_tables: sharded}, fleet: {main: {host: h200x8}}}
`);

const once = answer(mixed);

const operators = suite('result: operators');

operators('of each arm share all of its operator time', async () => {
  const { arms, operators: all } = await once;
  for (const { name } of arms) {
    const own = all!.filter(({ shares }) => shares[name] !== undefined);
    near(sum(own.map(({ shares }) => shares[name])), 1);
    const total = sum(own.map(({ seconds }) => seconds));
    for (const { seconds, shares } of own) near(shares[name], seconds / total);
  }
});

operators('that arms run alike stand there once', async () => {
  const { operators: all } = await once;
  const layers = all!.filter(
    ({ name, net, device }) => `${device} ${net} ${name}` === 'skylake-20c one top-fc0',
  );
  assert.is(layers.length, 1);
  assert.equal(Object.keys(layers[0].shares), ['cores', 'cores again', 'shards']);
});

operators('have a roofline each, and what was measured of each that rests on measurements', async () => {
  const { operators: all, rooflines } = await once;
  assert.equal(
    Object.keys(rooflines!).sort(),
    [...new Set([...all!.map(({ device }) => device), 'h200-sxm'])].sort(),
  );
  let rest = 0;
  for (const { device, measuredAs = [], evidence, name } of all!) {
    if (evidence === 'measured' || evidence === 'fitted') assert.ok(measuredAs.length > 0, name);
    const { measured = [], calibratedLike } = rooflines![device];
    const known = [...measured, ...(rooflines![calibratedLike ?? device].measured ?? [])];
    for (const kind of measuredAs) {
      const points = known.find((one) => one.operator === kind.operator && one.dataType === kind.dataType);
      assert.ok(points, `${device} ${kind.operator} ${kind.dataType}`);
      rest++;
    }
  }
  assert.ok(rest > 20, `${rest}`);
  assert.is(rooflines!['h100-sxm'].calibratedLike, 'h200-sxm');
  assert.is(rooflines!['h100-sxm'].measured, undefined);
});

operators('are no part of an arm that does not fit', async () => {
  const result = await answer(
    tiny(`
${few}
arms:
  - {name: fits, sharding: {strategy: singular}}
  - {name: too large, sharding: {strategy: singular}, serving: {tables_on: accelerator}, fleet: {main: {host: l4x8}, accelerator_reserved: 95 %}}
`),
  );
  assert.is(result.arms[1].verdict.state, 'DOES NOT FIT');
  assert.ok(result.operators!.every(({ shares }) => Object.keys(shares).join() === 'fits'));
  assert.equal(Object.keys(result.rooflines!), ['skylake-20c']);
});

operators.run();

const roofs = suite('result: rooflines');

roofs('of a core: its share of the peak, its own bandwidth, eight times that from cache', async () => {
  const { rooflines } = await once;
  const { unit, peakFlopPerS, memoryBytesPerS, cacheBytesPerS, measured } = rooflines!['skylake-20c'];
  const cpu = loadDevice('skylake-20c');
  assert.is(unit, 'core');
  near(peakFlopPerS.fp32.value, cpu.peakFlopPerS.fp32!.value / cpu.cores!.value);
  assert.ok(peakFlopPerS.fp32.source.includes(cpu.peakFlopPerS.fp32!.source));
  assert.equal(memoryBytesPerS, cpu.coreBandwidthBytesPerS);
  near(cacheBytesPerS!.value, 8 * memoryBytesPerS.value);
  assert.is(cacheBytesPerS!.evidence, 'assumed');
  assert.is(measured, undefined);
});

roofs('of an accelerator: the whole of it, as its file states it', async () => {
  const { rooflines } = await once;
  const { unit, peakFlopPerS, memoryBytesPerS, cacheBytesPerS } = rooflines!['h200-sxm'];
  const device = loadDevice('h200-sxm');
  assert.is(unit, 'accelerator');
  assert.equal(peakFlopPerS, device.peakFlopPerS);
  assert.equal(memoryBytesPerS, device.memory.bandwidthBytesPerS);
  assert.is(cacheBytesPerS, undefined);
});

roofs(
  'measured points are those of the files, in order of intensity, with what the fit says without each',
  async () => {
    const { rooflines } = await once;
    let points = 0;
    for (const [name, { measured = [] }] of Object.entries(rooflines!)) {
      if (measured.length === 0) continue;
      const device = loadDevice(name);
      const files = readMeasurements(join(measurementsRoot, name, device.measured!.date)).points;
      const cores = device.kind === 'cpu' ? 1 : 0;
      for (const { operator, dataType, flops, bytes, seconds, predictedS, points: all } of measured) {
        const own = files.filter(
          (one) => one.operator === operator && one.dataType === dataType && one.cores === cores,
        );
        const { law } = surfaceOf(device, operator as OperatorName, dataType as MeasuredDataType, cores)!;
        const known = new Set(
          own.map(({ shape, medianS }) => {
            const work = law.work(shape);
            return [work.flops, work.bytes, medianS].map((value) => Number(value.toPrecision(4))).join();
          }),
        );
        assert.is(seconds.length, Math.min(mostPoints, all));
        assert.ok(all <= own.length);
        const position = (index: number) => (sum(flops) > 0 ? flops[index] / bytes[index] : bytes[index]);
        seconds.forEach((measuredS, index) => {
          assert.ok(
            known.has([flops[index], bytes[index], measuredS].join()),
            `${name} ${operator} ${index}`,
          );
          assert.ok(predictedS[index] > 0);
          assert.ok(index === 0 || position(index) >= position(index - 1) * 0.999, `${operator} ${index}`);
          points++;
        });
        const ratios = predictedS.map((value, index) => Math.abs(Math.log(value / seconds[index])));
        const typical = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)];
        assert.ok(typical > 0 && typical < 0.3, `${name} ${operator} ${dataType}: ${typical}`);
      }
    }
    assert.ok(points > 250, `${points}`);
  },
);

roofs(
  'no device was measured above its roofs: alone, a core of a measured CPU has those that it reached',
  () => {
    let highest = 0;
    let points = 0;
    for (const name of ['h200-sxm', 'xeon-emerald-rapids-32c', 'epyc-turin-2c']) {
      const device = loadDevice(name);
      const { unit, peakFlopPerS } = roofsOf(device);
      const cores = unit === 'core' ? 1 : 0;
      for (const { operator, dataType, cores: own } of device.measured!.columns) {
        if (own !== cores || operator.startsWith('copy') || operator.startsWith('all-')) continue;
        const { surface } = surfaceOf(device, operator, dataType, cores)!;
        const peak = (peakFlopPerS[dataType as PeakDataType] ?? peakFlopPerS.fp32)!.value;
        surface.points.shapes.forEach((shape, index) => {
          const share = surface.law.work(shape).flops / peak / surface.points.seconds[index];
          assert.ok(share <= 1 + 1e-9, `${name} ${operator} ${dataType} ${JSON.stringify(shape)}: ${share}`);
          highest = Math.max(highest, share);
          points++;
        });
      }
    }
    assert.is(highest, 1);
    assert.ok(points > 10_000, `${points}`);
  },
);

roofs('an accelerator was measured below the bandwidth of its memory, too', () => {
  const device = loadDevice('h200-sxm');
  for (const { operator, dataType } of device.measured!.columns) {
    const { surface } = surfaceOf(device, operator, dataType, 0)!;
    surface.points.shapes.forEach((shape, index) => {
      const bytesPerS = surface.law.work(shape).bytes / surface.points.seconds[index];
      assert.ok(bytesPerS < device.memory.bandwidthBytesPerS.value, `${operator} ${JSON.stringify(shape)}`);
    });
  }
});

roofs('a product has the FLOPs and bytes of its shape', () => {
  const { surface } = surfaceOf(loadDevice('h200-sxm'), 'gemm', 'fp16', 0)!;
  const [shape] = surface.points.shapes;
  const { m, n, k } = shape;
  const { flops, bytes } = operatorWork('gemm', 'fp16', shape);
  assert.is(flops, 2 * m * n * k);
  assert.is(bytes, 2 * (m * k + n * k + m * n));
});

roofs('rates are stated where they limit: none of arithmetic where bytes are only moved', async () => {
  const { rooflines } = await once;
  const { measured } = rooflines!['h200-sxm'];
  const ratesOf = (operator: string) => measured!.find((one) => one.operator === operator)!.rates;
  const peak = rooflines!['h200-sxm'].peakFlopPerS.fp32.value;
  assert.ok(ratesOf('gemm').flopPerS! > 0.3 * peak && ratesOf('gemm').flopPerS! < peak);
  assert.is(ratesOf('concat').flopPerS, undefined);
  assert.ok(ratesOf('concat').bytesPerS! < rooflines!['h200-sxm'].memoryBytesPerS.value);
});

roofs('memory that several cores read at once is no part of one core', async () => {
  const { rooflines } = await once;
  const gathers = rooflines!['xeon-emerald-rapids-32c'].measured!.find(
    ({ operator }) => operator === 'memory-gather',
  )!;
  const files = readMeasurements(join(measurementsRoot, 'xeon-emerald-rapids-32c', '2026-11-23')).points;
  const alone = files.filter(({ operator, shape }) => operator === 'memory-gather' && shape.busy === 1);
  assert.is(gathers.points, alone.length);
});

roofs(
  'are the same in every run, small, and part of the schema; a result without them is one, too',
  async () => {
    const result = await once;
    const again = await answer(mixed);
    assert.is(JSON.stringify(again), JSON.stringify(result));
    const parsed = resultSchema.parse(JSON.parse(JSON.stringify(result)));
    assert.equal(parsed.operators, result.operators);
    assert.equal(parsed.rooflines, result.rooflines);
    const { operators: _, rooflines: __, ...earlier } = result;
    resultSchema.parse(earlier satisfies Omit<Result, 'operators' | 'rooflines'>);
    const { properties } = z.toJSONSchema(resultSchema, { io: 'output' });
    for (const field of ['operators', 'rooflines']) assert.ok(Object.hasOwn(properties!, field), field);
    assert.ok(JSON.stringify(result.rooflines).length < 50_000);
  },
);

roofs.run();
