import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder, orWriteError, readTextFile } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { isMapping } from '../scenarios/merge.ts';
import { maxPoints } from '../scenarios/sweep-schema.ts';
import type { FieldColumn } from '../sim/sweep-result.ts';
import { fieldColumn } from './columns.ts';
import type { Design } from './design.ts';
import { journalNames } from './journal.ts';

export const manifestName = 'sweep.json';

/** Kinds of results, those that a query reads first standing first. */
export const formats = ['duckdb', 'parquet', 'ndjson', 'csv'] as const;
export type Format = (typeof formats)[number];

export function resultsName(format: Format): string {
  return `results.${format}`;
}

/** What a folder of a sweep says of it. */
export interface Manifest {
  format: 'rankfleet-sweep';
  version: 1;
  /** A sweep of another key has other rows. */
  key: string;
  product: string;
  name: string;
  method: string;
  points: number;
  fields: FieldColumn[];
  /** The scenario with what it extends and the options merged in, less its `sweep`. */
  scenario: Record<string, unknown>;
}

/**
 * Makes the folder of a sweep, or takes up the one that is there. Results of a shorter sweep go.
 * @param own journal of this process
 * @throws InputError when the folder holds another sweep, or this one without leave to go on
 */
export function takeFolder(
  folder: string,
  design: Design,
  { own, mayResume }: { own: string; mayResume: boolean },
): Manifest {
  const manifest = manifestOf(design);
  const known = readManifest(folder);
  if (known) {
    checkSame(folder, known, manifest);
    if (!mayResume && holdsPoints(folder, own)) {
      throw new InputError(
        `${folder} already holds this sweep: add --resume to go on with it, or choose another folder by --out`,
      );
    }
  } else if (journalNames(folder).length > 0) {
    throw new InputError(
      `${folder} has points of a sweep, but no ${manifestName}: choose another folder by --out`,
    );
  }
  makeFolder(folder);
  if (known?.points !== manifest.points) {
    for (const format of formats) rmSync(join(folder, resultsName(format)), { force: true });
    writeManifest(folder, manifest);
  }
  return manifest;
}

/** A process that ended before its first point leaves an empty journal, which nobody misses. */
function holdsPoints(folder: string, journal: string): boolean {
  return journalNames(folder).includes(journal) && statSync(join(folder, journal)).size > 0;
}

/** What a folder says of its sweep; nothing where it holds none. @throws InputError when it cannot be read */
export function readManifest(folder: string): Manifest | undefined {
  const file = join(folder, manifestName);
  if (!existsSync(file)) return undefined;
  const manifest = parsed(readTextFile(file, 64 * 2 ** 20));
  if (manifest && isManifest(manifest)) return manifest;
  throw new InputError([{ file, message: 'is not a manifest that rankfleet sweep writes' }]);
}

function parsed(text: string): Manifest | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isManifest({ format, version, points, fields, scenario, ...texts }: Manifest): boolean {
  const { key, product, name, method } = texts;
  const isText = (value: unknown) => typeof value === 'string';
  return (
    format === 'rankfleet-sweep' &&
    version === 1 &&
    [key, product, name, method].every(isText) &&
    Number.isSafeInteger(points) &&
    points >= 1 &&
    points <= maxPoints &&
    isMapping(scenario) &&
    Array.isArray(fields) &&
    fields.every((one) => isMapping(one) && [one.field, one.column, one.type].every(isText))
  );
}

/** A name beside a file for what is not finished; processes of several machines may share the folder. */
export function unfinishedName(file: string): string {
  return `${file}.${hostname()}-${process.pid}.tmp`;
}

function writeManifest(folder: string, manifest: Manifest): void {
  const file = join(folder, manifestName);
  orWriteError(file, () => writeFileSync(unfinishedName(file), `${JSON.stringify(manifest, null, 2)}\n`));
  renameSync(unfinishedName(file), file);
}

function manifestOf(design: Design): Manifest {
  const { key, method, points, bundle, axes } = design;
  return {
    format: 'rankfleet-sweep',
    version: 1,
    key,
    product: bundle.product,
    name: bundle.name,
    method,
    points,
    fields: axes.map(fieldColumn),
    scenario: bundle.scenario,
  };
}

function checkSame(folder: string, known: Manifest, wanted: Manifest): void {
  if (known.key === wanted.key) return;
  const part = (['product', 'name', 'method', 'points', 'fields', 'scenario'] as const).find(
    (one) => JSON.stringify(known[one]) !== JSON.stringify(wanted[one]),
  );
  const differences = {
    product: `made by rankfleet ${known.product}, and this is ${wanted.product}`,
    name: `of '${known.name}'`,
    method: `a ${known.method}, not a ${wanted.method}`,
    points: `of ${known.points} points, not ${wanted.points}`,
    fields: 'of other fields',
    scenario: 'of another scenario, or with other options',
  };
  const why = part ? differences[part] : 'of other values, files or early_stop, or with another seed';
  throw new InputError(`${folder} holds another sweep, ${why}: choose another folder by --out`);
}
