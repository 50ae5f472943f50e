import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder, writeWhole } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { integerIn, mapping, numberIn, oneOf } from '../../foundation/schema.ts';
import { measuredDataTypes } from '../../hardware-profiles/measurements-schema.ts';
import { programOperators } from '../../harness/device.ts';
import { backendOf, type Language } from '../artifact.ts';
import { readJson } from '../json-file.ts';
import { extensionOf } from '../source/languages.ts';
import type { SearchStore } from '../storage/store.ts';

const word = z.string().min(1);
const positive = numberIn({ positive: true });

const row = mapping({
  shape: z.record(word, z.number()),
  kind: word.optional(),
  isHeldOut: z.boolean(),
  use: oneOf(['kernel', 'fallback']),
  kernel: word.describe('hash of its source; the file of that name lies beside this one'),
  kernelS: positive,
  referenceS: positive,
  reference: word,
  speedup: mapping({ mean: positive, low: numberIn(), high: numberIn() }),
  error: numberIn({ min: 0 }),
  tolerance: numberIn({ min: 0 }),
  isRegression: z.boolean(),
});

/** `dispatch.json` of a search: which kernel runs for which shape, and where the reference goes on to run. */
export const deploymentSchema = mapping({
  format: z.literal('rankfleet-dispatch'),
  version: z.literal(1),
  session: integerIn({ min: 1 }),
  nodes: integerIn({ min: 1 }).optional().describe('of the session when its kernels were timed'),
  task: word,
  operator: oneOf(programOperators),
  dataType: oneOf(measuredDataTypes),
  language: oneOf(Object.keys(backendOf) as [Language, ...Language[]]),
  device: word,
  cores: integerIn().default(0).describe('of a CPU that kernels ran on; 0 on an accelerator'),
  rows: z.array(row),
  kinds: z.array(
    mapping({
      kind: word,
      rows: integerIn({ min: 1 }),
      kernels: integerIn(),
      speedup: positive,
      deployed: positive,
    }),
  ),
  rejected: z.array(mapping({ node: integerIn({ min: 1 }), reason: z.string() })),
  counters: z
    .array(mapping({ kernel: word, shape: z.record(word, z.number()), counters: z.record(word, z.number()) }))
    .optional()
    .describe('what the hardware counted while kernels ran'),
  uncounted: z.string().optional().describe('why the hardware counted nothing'),
});

export type Deployment = z.output<typeof deploymentSchema>;

/** Folder of what a search leaves to be deployed. */
export function deploymentFolder(folder: string, session: number): string {
  return join(folder, 'deployment', `session-${session}`);
}

const tableName = 'dispatch.json';

/** Lies in the folder of a deployment from the moment that its kernels are timed until their table is there. */
const unfinishedName = 'unfinished';

/** Notes that the best kernels of a session are about to be timed to the end, so that who stops it can be gone on after. */
export function beginDeployment(folder: string, session: number): void {
  const own = deploymentFolder(folder, session);
  makeFolder(own);
  writeWhole(join(own, unfinishedName), '');
}

/** Whether a session's kernels began to be timed to the end, and were not. */
export function isDeploymentOwed(folder: string, session: number): boolean {
  return existsSync(join(deploymentFolder(folder, session), unfinishedName));
}

/** Whether the best kernels of a session were timed to the end when it had as many nodes. */
export function isDeployed(folder: string, session: number, nodes: number): boolean {
  return !isDeploymentOwed(folder, session) && readDeployment(folder, session)?.nodes === nodes;
}

/** Writes the table and the source of each kernel in it. @returns the files, the table first */
export function writeDeployment(store: SearchStore, deployment: Deployment): string[] {
  const folder = deploymentFolder(store.folder, deployment.session);
  makeFolder(folder);
  const kernels = [...new Set(deployment.rows.map(({ kernel }) => kernel))];
  const sources = kernels.map((kernel) => {
    const file = join(folder, `${kernel}${extensionOf[deployment.language]}`);
    writeWhole(file, store.artifacts.get(kernel, deployment.language).text);
    return file;
  });
  const table = join(folder, tableName);
  writeWhole(table, `${JSON.stringify(deployment, null, 2)}\n`);
  rmSync(join(folder, unfinishedName), { force: true });
  return [table, ...sources];
}

/** What a session of a search left to be deployed, if anything yet. @throws InputError for a damaged table */
export function readDeployment(folder: string, session: number): Deployment | undefined {
  const file = join(deploymentFolder(folder, session), tableName);
  return existsSync(file) ? readJson(file, deploymentSchema) : undefined;
}

/**
 * The one of a session, for who cannot do without.
 * @param deployments of a search
 * @param path of the search, for what is said about it
 * @throws InputError that says what would make one
 */
export function needDeployment(
  deployments: readonly Deployment[],
  path: string,
  session: number,
): Deployment {
  const deployment = deployments.find((one) => one.session === session);
  if (deployment && deployment.rows.length > 0) return deployment;
  const message = `has no kernel to deploy from session ${session}: go on with the search until one is right on all shapes`;
  throw new InputError([{ file: path, message }]);
}
