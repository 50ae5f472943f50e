import { z } from 'zod';
import { formatPath, type SourceDocument } from '../foundation/document.ts';
import type { ResolvedScenario } from '../scenarios/deployment.ts';
import { readDistillation } from '../scenarios/distillation/read.ts';
import { type AnyScenario, resolveAnyScenario } from '../scenarios/files.ts';
import { kindOfScenario } from '../scenarios/kind.ts';
import { readScenario } from '../scenarios/resolve.ts';
import { bundleDistillationFiles, bundleFiles } from './bundle-files.ts';
import { bundledLibrary } from './bundled-files.ts';
import type { BundledFiles } from './point.ts';

/** Version of the bundle format; it changes when a field changes its meaning. */
export const scenarioBundleVersion = 1;

const byName = z.record(z.string(), z.unknown());

/** A scenario with everything that it names and the product does not bring, in one file. */
export const scenarioBundleSchema = z
  .object({
    format: z.literal('rankfleet-scenario'),
    version: z.literal(scenarioBundleVersion),
    product: z.string().describe('name and version of the program that wrote it'),
    name: z.string().describe('of the scenario, where it states none'),
    options: z
      .object({
        seed: z.number().optional(),
        replications: z.number().optional(),
        arm: z.array(z.string()),
      })
      .describe('what the command line said beside the scenario'),
    scenario: byName.describe('as the file says it, what it extends merged in'),
    files: z
      .object({
        models: byName,
        hosts: byName,
        networks: byName,
        placements: byName,
        traces: byName,
        constants: byName.optional(),
      })
      .describe('what user files hold, by the names that the scenario has for them'),
    traceFiles: z.record(z.string(), z.string()).describe('where each trace was read from'),
  })
  .describe('a scenario that can be simulated anywhere');

export type ScenarioBundle = z.infer<typeof scenarioBundleSchema>;

/**
 * Keeps a scenario that was read, so that it can be simulated without its files.
 * @throws InputError where two files that it extends call different things by one name
 */
export async function bundleScenario(
  document: SourceDocument,
  scenario: AnyScenario,
  product: string,
): Promise<ScenarioBundle> {
  const { extends: _, ...stated } = document.value as Record<string, unknown>;
  return {
    format: 'rankfleet-scenario',
    version: scenarioBundleVersion,
    product,
    name: scenario.name,
    options: { arm: [] },
    scenario: withoutStock(stated),
    files: { ...(await filesNamedIn(document)) },
    traceFiles: 'kind' in scenario ? {} : traceFilesOf(scenario),
  };
}

async function filesNamedIn(document: SourceDocument): Promise<BundledFiles> {
  return kindOfScenario(document) === 'distillation'
    ? bundleDistillationFiles(document, readDistillation(document))
    : bundleFiles([{ document, read: readScenario(document) }]);
}

function traceFilesOf({ arms }: ResolvedScenario): Record<string, string> {
  return Object.fromEntries(
    arms.flatMap(({ load: { arrivals }, trace }) =>
      trace && arrivals.kind === 'trace' ? [[arrivals.file, trace.file]] : [],
    ),
  );
}

/** What hosts there are decides a plan and no simulation, and may name hosts that no arm has. */
function withoutStock({ plan, ...scenario }: Record<string, unknown>): Record<string, unknown> {
  if (plan === undefined) return scenario;
  const { stock: _, ...rest } = plan as Record<string, unknown>;
  return { ...scenario, plan: rest };
}

/**
 * The scenario of a bundle, its options set aside.
 * @param file that holds the bundle
 * @throws InputError where it does not agree with this version of the product
 */
export async function resolveBundle(
  { scenario, name, files, traceFiles }: ScenarioBundle,
  file: string,
): Promise<AnyScenario> {
  const document: SourceDocument = {
    file,
    value: scenario,
    problemAt: (path, message) => ({ file, path: formatPath(['scenario', ...path]), message }),
  };
  const library = bundledLibrary(files as unknown as BundledFiles);
  return resolveAnyScenario(
    document,
    {
      ...library,
      trace: async (named, from) => ({
        ...(await library.trace(named, from)),
        file: traceFiles[named] ?? named,
      }),
    },
    name,
  );
}
