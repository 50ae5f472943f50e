import { InputError } from '../foundation/problem.ts';
import { formatTime } from '../foundation/units.ts';
import type { Device, Host } from '../hardware-profiles/profile.ts';
import type { Model } from '../models/model.ts';
import type {
  AcceleratedServing,
  ArmDeployment,
  DefaultUsed,
  PreprocessingServing,
  Tier,
} from './deployment.ts';
import { checkAssumed, checkNets, type KernelGaps, kernelGaps } from './kernels.ts';
import type { Locating } from './locating.ts';
import { valueAt } from './merge.ts';
import { type ArmSpec, preprocessingTierSchema } from './schema.ts';

/**
 * What a tier in front adds to a request: 10 to 20 ms, as accounts of Meta's deployments report it. Not verified, so
 * it counts as recollected.
 */
const reportedOverhead = { fromS: 0.01, toS: 0.02 };

/** What preprocessing depends on, beside the arm. */
interface Deployed {
  model: Model;
  mainHost: Host;
  accelerated: AcceleratedServing | undefined;
  located: Locating;
  /** Makes the tier of its spec, with its host looked up. */
  tierOf(spec: NonNullable<ArmSpec['fleet']['preprocessing']>): Tier & { replicas: number };
}

/**
 * Where an arm preprocesses: on the main hosts where the device that serves there has all kernels, else on a tier of
 * CPU hosts in front. One missing kernel moves all of the preprocessing: half of it would ship half-made tensors.
 * @throws InputError, located, where a kernel is missing that nothing makes up for, and for fields that contradict
 */
export function preprocessingServing(spec: ArmSpec, deployed: Deployed): PreprocessingServing | undefined {
  const { model, mainHost, accelerated, located } = deployed;
  const { serving, fleet } = spec;
  const fail = (path: string, message: string) =>
    located(path.split('.'), () => {
      throw new InputError(message);
    });
  const device = accelerated ? mainHost.accelerators!.device : mainHost.cpu;
  const gaps = gapsOf(spec, deployed, device);
  if (!model.preprocessing) {
    if (serving.preprocessing_on !== undefined) {
      fail('serving.preprocessing_on', `has no effect: model ${model.name} has no preprocessing`);
    }
    if (serving.split_overhead && !fleet.preprocessing) {
      fail('serving.split_overhead', `has no effect: model ${model.name} has no preprocessing`);
    }
    return undefined;
  }
  const missing = gaps.preprocessing;
  const isNeeded = missing.length > 0;
  const found = { device: device.name, missing };
  if (isNeeded && serving.preprocessing_on === 'main') {
    fail('serving.preprocessing_on', missingInWords(gaps, device, model));
  }
  if (isNeeded && serving.preprocessing_on === undefined && !fleet.preprocessing) {
    fail('fleet.main.host', missingInWords(gaps, device, model));
  }
  if (!isNeeded && serving.preprocessing_on !== 'tier') {
    if (serving.preprocessing_on === 'main' && fleet.preprocessing) {
      fail('fleet.preprocessing', 'has no effect: preprocessing_on: main leaves nothing to a tier');
    }
    if (serving.split_overhead && !fleet.preprocessing) {
      fail('serving.split_overhead', `has no effect: ${device.name} has all kernels, so nothing is split`);
    }
    return found;
  }
  const tier = deployed.tierOf(fleet.preprocessing ?? preprocessingTierSchema.parse({}));
  located(['fleet', 'preprocessing', 'host'], () => checkTier(model, tier.host.cpu));
  return { ...found, tier, overhead: overheadOf(serving.split_overhead, fail) };
}

/** What the devices of the main host lack. @throws InputError where the nets cannot run there */
function gapsOf({ serving, sharding }: ArmSpec, deployed: Deployed, device: Device): KernelGaps {
  const { model, mainHost, accelerated, located } = deployed;
  const assumed = serving.assume_kernels ?? [];
  checkAssumed(assumed, device, located);
  const isSingular = sharding.strategy === 'singular' && sharding.placement === undefined;
  const looksUp = accelerated ? accelerated.tables !== 'host' : isSingular;
  const gaps = kernelGaps(model, device, { assumed, looksUp });
  const others = accelerated ? 'choose another host, or serving.dense_on: cpu' : 'choose another host';
  located(['fleet', 'main', 'host'], () => checkNets(gaps, device, model, others));
  if (accelerated && serving.offload_threshold !== undefined) {
    const onCores = kernelGaps(model, mainHost.cpu, { looksUp: isSingular });
    located(['serving', 'offload_threshold'], () => {
      checkNets(onCores, mainHost.cpu, model, 'leave offload_threshold out');
      checkTier(model, mainHost.cpu);
    });
  }
  return gaps;
}

function missingInWords({ preprocessing }: KernelGaps, device: Device, model: Model): string {
  const names = preprocessing.join(', ');
  return (
    `${device.name} has no kernel for ${names}, which the preprocessing of model ${model.name} needs: state a tier of ` +
    'CPU hosts that preprocesses in front, such as fleet.preprocessing: { host: sc-large, replicas: 2 }, with ' +
    'serving.preprocessing_on: tier or left out; choose another main host; or ask what writing it would bring with ' +
    `serving.assume_kernels: [${names}]`
  );
}

/** The CPU of a tier needs every kernel. */
function checkTier(model: Model, cpu: Device): void {
  const { preprocessing } = kernelGaps(model, cpu, { looksUp: false });
  if (preprocessing.length === 0) return;
  throw new InputError(`${cpu.name} has no kernel for ${preprocessing.join(', ')} either`);
}

function overheadOf(
  stated: ArmSpec['serving']['split_overhead'],
  fail: (path: string, message: string) => void,
): NonNullable<PreprocessingServing['overhead']> {
  const isStated = stated?.from !== undefined || stated?.to !== undefined;
  const fromS = stated?.from ?? Math.min(reportedOverhead.fromS, stated?.to ?? Number.POSITIVE_INFINITY);
  const toS = stated?.to ?? Math.max(reportedOverhead.toS, fromS);
  if (fromS > toS) {
    fail(
      'serving.split_overhead',
      `from ${formatTime(fromS)} to ${formatTime(toS)} is no range: state the smaller first`,
    );
  }
  return { fromS, toS, evidence: isStated ? 'assumed' : 'recollected' };
}

/** Where the first arm preprocesses, if it does, and what the first arm with a tier does not state about that. */
export function preprocessingDefaults(
  arms: readonly ArmDeployment[],
  given: readonly unknown[],
): DefaultUsed[] {
  const [{ preprocessing }] = arms;
  const where = preprocessing?.tier ? 'tier' : 'main';
  const split = arms.findIndex((arm) => arm.preprocessing?.tier !== undefined);
  return [
    ...(preprocessing ? unstated(given[0], [{ path: 'serving.preprocessing_on', value: where }]) : []),
    ...(split < 0 ? [] : unstated(given[split], tierDefaults(arms[split], given[split]))),
  ];
}

function unstated(given: unknown, defaults: DefaultUsed[]): DefaultUsed[] {
  return defaults.filter(({ path }) => valueAt(given, path.split('.')) === undefined);
}

function tierDefaults({ preprocessing }: ArmDeployment, given: unknown): DefaultUsed[] {
  const { tier, overhead } = preprocessing!;
  const { host, replicas, policy, workers } = tier!;
  const { fromS, toS } = overhead!;
  // The schema tells of those that a stated tier leaves out.
  const isTierStated = valueAt(given, ['fleet', 'preprocessing']) !== undefined;
  return [
    { path: 'serving.split_overhead.from', value: formatTime(fromS) },
    { path: 'serving.split_overhead.to', value: formatTime(toS) },
    ...(isTierStated
      ? []
      : [
          { path: 'fleet.preprocessing.host', value: host.name },
          { path: 'fleet.preprocessing.replicas', value: replicas },
          { path: 'fleet.preprocessing.policy', value: policy },
        ]),
    { path: 'fleet.preprocessing.workers', value: workers },
  ];
}
