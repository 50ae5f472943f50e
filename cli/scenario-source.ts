import { existsSync, statSync } from 'node:fs';
import { InputError } from '../foundation/problem.ts';
import type { ResolvedScenario } from '../scenarios/deployment.ts';
import { type AnyScenario, filesLibrary, resolveAnyScenario, scenarioDocument } from '../scenarios/files.ts';
import { servesOnly } from '../scenarios/kind.ts';
import {
  bundleScenario,
  resolveBundle,
  type ScenarioBundle,
  scenarioBundleSchema,
} from '../sweep/scenario-bundle.ts';
import { bundleFormat, jsonIn, parsed } from './answer-files.ts';
import { productVersion } from './product.ts';
import { type RunOptions, withRunOptions } from './run-options.ts';

/** A scenario that was read, and how to keep it. */
export interface ScenarioSource<Scenario extends AnyScenario = ResolvedScenario> {
  scenario: Scenario;
  /** Arms that were asked for by name when it was kept. */
  arm: readonly string[];
  /** @throws InputError where the names in it are not unambiguous without its files */
  bundle(): Promise<ScenarioBundle>;
}

/**
 * A scenario about serving: of the library, by its path, or a scenario.json that simulate wrote beside its result.
 * @throws InputError with the position of everything that is wrong, and for a scenario of another kind
 */
export async function readScenarioSource(nameOrPath: string): Promise<ScenarioSource> {
  const { scenario, ...rest } = await readAnySource(nameOrPath);
  if (!('kind' in scenario)) return { ...rest, scenario };
  throw new InputError(`${nameOrPath}: ${servesOnly(scenario.kind)}`);
}

/** The same for a scenario of any kind. */
export async function readAnySource(nameOrPath: string): Promise<ScenarioSource<AnyScenario>> {
  const kept = readBundle(nameOrPath);
  if (kept) {
    const scenario = await resolveBundle(kept, nameOrPath);
    return {
      scenario: withRunOptions(scenario, kept.options, scenario.baseline),
      arm: kept.options.arm,
      bundle: async () => kept,
    };
  }
  const { document, name } = scenarioDocument(nameOrPath);
  const scenario = await resolveAnyScenario(document, filesLibrary(), name);
  return {
    scenario,
    arm: [],
    bundle: () => bundleScenario(document, scenario, `rankfleet ${productVersion()}`),
  };
}

/** File of a folder of simulate that holds the scenario. */
export const bundleName = 'scenario.json';

/**
 * What keeps a scenario together with the options that it is simulated with. Nothing, and a note, where its files are
 * needed to tell apart what they call.
 */
export async function bundled(
  { bundle }: Pick<ScenarioSource, 'bundle'>,
  options: RunOptions,
): Promise<ScenarioBundle | undefined> {
  try {
    const kept = await bundle();
    const { seed = kept.options.seed, replications = kept.options.replications } = options;
    return {
      ...kept,
      options: {
        ...(seed !== undefined && { seed }),
        ...(replications !== undefined && { replications }),
        arm: options.arm.length > 0 ? [...options.arm] : kept.options.arm,
      },
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`no ${bundleName} is kept beside the result: ${error.message}\n`);
    return undefined;
  }
}

/** The bundle that a file holds; nothing where it holds something else. @throws InputError for one that is damaged */
function readBundle(file: string): ScenarioBundle | undefined {
  if (!existsSync(file) || !statSync(file).isFile()) return undefined;
  const value = jsonIn(file);
  if (value?.format !== bundleFormat) return undefined;
  return parsed(file, value, scenarioBundleSchema);
}
