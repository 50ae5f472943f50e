import type { SourceDocument } from '../foundation/document.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { formatProblem, InputError, type Problem } from '../foundation/problem.ts';
import { formatTime } from '../foundation/units.ts';
import type { ArmDeployment, ResolvedWorkload } from './deployment.ts';
import { isMapping, isWrittenIn, merge, withPath } from './merge.ts';
import { type WorkloadSpec, workloadKeys } from './plan-workload-schema.ts';
import { maxArms, type ScenarioSettings } from './schema.ts';
import { expandArms, type Variant } from './variants.ts';

/** A workload on an alternative, before its names are looked up. */
export interface PairVariant extends Variant {
  document: SourceDocument;
  workload: number;
  alternative: string;
}

/** An arm with the placement that it names. */
interface Deployed {
  arm: ArmDeployment;
  placementFile?: SourceDocument;
}

/** A pair: deployed, or what contradicts. */
type Tried = { variant: PairVariant } & ({ deployed: Deployed } | { problems: Problem[] });

/**
 * Every workload of a plan on every arm that it may use, as `workload on arm`.
 * @param base the fields that all arms share
 * @throws InputError with the position of every problem
 */
export function expandWorkloads(
  document: SourceDocument,
  base: Record<string, unknown>,
  settings: ScenarioSettings,
): PairVariant[] {
  const specs = settings.plan?.workloads ?? [];
  checkPlan(document, settings, specs);
  const pairs = specs.flatMap((spec, workload) => {
    const own = documentOf(document, base, ['plan', 'workloads', workload]);
    const { arms: _, ...fields } = own.value as Record<string, unknown>;
    const variants = chosen(document, expandArms(own, fields, settings), spec, workload);
    return variants.map((variant) => ({
      ...variant,
      name: `${spec.name} on ${variant.name}`,
      document: own,
      workload,
      alternative: variant.name,
    }));
  });
  if (pairs.length > maxArms) {
    const message = `makes ${pairs.length} pairs with the arms; at most ${maxArms}`;
    throw new InputError([document.problemAt(['plan', 'workloads'], message)]);
  }
  return pairs;
}

/**
 * Deploys the pairs of all workloads. Where a device lacks a kernel of the preprocessing, a tier in front makes up for it. An arm that contradicts one workload and not another is an impossible pair; one that
 * contradicts all of them, or a workload that no arm can run, is a mistake.
 * @param deploy checks and deploys a variant
 * @throws InputError with the position of every mistake
 */
export async function resolveWorkloads(
  settings: ScenarioSettings,
  variants: readonly PairVariant[],
  deploy: (variant: PairVariant) => Promise<Deployed>,
): Promise<{ workloads: ResolvedWorkload[]; deployed: Deployed[]; variants: PairVariant[] }> {
  const pairs: Tried[] = [];
  for (const variant of variants) pairs.push(await tried(variant, deploy));
  checkMistakes(pairs);
  const possible = pairs.flatMap((pair) => ('deployed' in pair ? [pair] : []));
  return {
    workloads: (settings.plan?.workloads ?? []).map((spec, index) =>
      workloadOf(
        spec,
        settings,
        pairs.filter(({ variant }) => variant.workload === index),
      ),
    ),
    deployed: possible.map(({ deployed }) => deployed),
    variants: possible.map(({ variant }) => variant),
  };
}

/** A pair as it is stated, or split where that is all it lacks. */
async function tried(
  variant: PairVariant,
  deploy: (variant: PairVariant) => Promise<Deployed>,
): Promise<Tried> {
  try {
    return { variant, deployed: await deploy(variant) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return (await splitPair(variant, deploy)) ?? { variant, problems: error.problems };
  }
}

/** The pair with a tier of CPU hosts that preprocesses in front; undefined where that was stated, or does not help. */
async function splitPair(
  variant: PairVariant,
  deploy: (variant: PairVariant) => Promise<Deployed>,
): Promise<Tried | undefined> {
  const stated = [
    ['fleet', 'preprocessing'],
    ['serving', 'preprocessing_on'],
  ];
  if (stated.some((path) => valueAt(variant.value, path) !== undefined)) return undefined;
  const split = { ...variant, value: withPath(variant.value, ['fleet', 'preprocessing'], {}) };
  try {
    const deployed = await deploy(split);
    return deployed.arm.preprocessing?.tier ? { variant: split, deployed } : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** What a missing kernel made of a pair, in words. */
function splitNote({ preprocessing }: ArmDeployment): string | undefined {
  if (!preprocessing?.tier || preprocessing.missing.length === 0) return undefined;
  const { device, missing, tier, overhead } = preprocessing;
  const { fromS, toS } = overhead!;
  return (
    `${device} has no kernel for ${missing.join(', ')}: hosts of type ${tier.host.name} preprocess in front, which adds ` +
    `${formatTime(fromS)} to ${formatTime(toS)} to every request and needs hosts of its own`
  );
}

/** The scenario as one workload sees it: its fields over those of the scenario, its problems where they were written. */
function documentOf(
  document: SourceDocument,
  base: Record<string, unknown>,
  path: PropertyKey[],
): SourceDocument {
  const { arms } = document.value as Record<string, unknown>;
  const override = Object.fromEntries(
    Object.entries(valueAt(document.value, path) as Record<string, unknown>).filter(
      ([key]) => !workloadKeys.includes(key),
    ),
  );
  return {
    file: document.file,
    value: { ...(merge(base, override) as Record<string, unknown>), ...(arms !== undefined && { arms }) },
    problemAt: (inner, message) => {
      const isOwn = inner[0] !== 'arms' && isWrittenIn(override, base, inner);
      return document.problemAt(isOwn ? [...path, ...inner] : inner, message);
    },
  };
}

/** The arms that a workload may use. */
function chosen(
  document: SourceDocument,
  variants: Variant[],
  { alternatives }: WorkloadSpec,
  index: number,
): Variant[] {
  if (!alternatives) return variants;
  const names = variants.map(({ name }) => name);
  const problems = alternatives.flatMap((name, entry) =>
    names.includes(name)
      ? []
      : [
          document.problemAt(
            ['plan', 'workloads', index, 'alternatives', entry],
            `no arm is called '${name}'${didYouMean(name, names)}; arms: ${names.join(', ')}`,
          ),
        ],
  );
  if (problems.length > 0) throw new InputError(problems);
  return variants.filter(({ name }) => alternatives.includes(name));
}

/** A plan of several models leaves out what is asked of a single one. */
const ofOneModel = ['target', 'sensitivity', 'refresh', 'day', 'growth'];

function checkPlan(
  document: SourceDocument,
  { sla }: ScenarioSettings,
  specs: readonly WorkloadSpec[],
): void {
  const plan = valueAt(document.value, ['plan']) as Record<string, unknown>;
  const problems = ofOneModel
    .filter((key) => plan[key] !== undefined)
    .map((key) => {
      const instead =
        key === 'target' ? 'each workload has its own target' : 'plan the model by itself for that';
      return document.problemAt(['plan', key], `has no place beside workloads: ${instead}`);
    });
  const seen = new Set<string>();
  specs.forEach(({ name, sla: own }, index) => {
    const at = ['plan', 'workloads', index];
    if (seen.has(name))
      problems.push(document.problemAt([...at, 'name'], `two workloads are called '${name}'`));
    seen.add(name);
    if (!own && !sla) {
      problems.push(document.problemAt(at, `workload '${name}' has no sla, and neither has the scenario`));
    }
  });
  if (problems.length > 0) throw new InputError(problems);
}

/** What fails with everything that it is tried with is not a matter of pairs. @throws InputError */
function checkMistakes(pairs: readonly Tried[]): void {
  const lines = (keyOf: (variant: PairVariant) => string | number) =>
    [...new Set(pairs.map(({ variant }) => keyOf(variant)))].map((key) =>
      pairs.filter(({ variant }) => keyOf(variant) === key),
    );
  const problems = [...lines(({ workload }) => workload), ...lines(({ alternative }) => alternative)]
    .map((line) => line.map((pair) => ('problems' in pair ? pair.problems : [])))
    .filter((line) => line.every((each) => each.length > 0))
    .flat(2);
  if (problems.length === 0) return;
  const unique = new Map(problems.map((problem) => [formatProblem(problem), problem]));
  throw new InputError([...unique.values()]);
}

function workloadOf(
  { name, target, sla, max_alternatives }: WorkloadSpec,
  settings: ScenarioSettings,
  pairs: readonly Tried[],
): ResolvedWorkload {
  const { percentile, latency } = (sla ?? settings.sla)!;
  return {
    name,
    targetPerS: target,
    sla: { percentile, limitS: latency },
    ...(max_alternatives !== undefined && { maxAlternatives: max_alternatives }),
    pairs: pairs.map((pair) => ({
      alternative: pair.variant.alternative,
      ...('deployed' in pair
        ? deployedPair(pair.deployed)
        : { problem: pair.problems.map(({ message }) => message).join('; ') }),
    })),
  };
}

function deployedPair({ arm }: Deployed): { arm: ArmDeployment; note?: string } {
  const note = splitNote(arm);
  return { arm, ...(note !== undefined && { note }) };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      isMapping(inner) || Array.isArray(inner) ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
