import { appendFileSync, existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { makeFolder, readTextFile, writeWhole } from '../foundation/files.ts';
import { csvHeader, csvLine } from '../hardware-profiles/measurement-csv.ts';
import { manifestName, readMeasurements } from '../hardware-profiles/measurement-files.ts';
import type { FitRecord, Manifest, RunRecord } from '../hardware-profiles/measurements-schema.ts';
import type { MeasuredPoint } from '../hardware-profiles/operators-measured.ts';

/**
 * A folder of measurements that grows while it is measured: every point is on disk as soon as it is known, so a
 * killed run loses nothing that it measured and the next one goes on from there.
 */
export class MeasurementStore {
  readonly folder: string;
  readonly points: MeasuredPoint[];
  private readonly manifest: Manifest;
  private readonly openFiles = new Set<string>();

  /**
   * Opens a folder, or begins one.
   * @param device name of the device in the catalogue, or the one it is to have
   * @throws InputError when the folder holds something else
   */
  constructor(folder: string, device: string) {
    this.folder = folder;
    const isThere = existsSync(join(folder, manifestName));
    const before = isThere ? readMeasurements(folder) : undefined;
    this.points = before?.points ?? [];
    this.manifest = before?.manifest ?? {
      format: 'rankfleet-measurements',
      version: 1,
      device,
      runs: [],
    };
  }

  /** Failures that earlier runs of a backend wrote down. */
  failuresOf(backend: string): RunRecord['failed'] {
    return this.manifest.runs.filter((run) => run.backend === backend).flatMap(({ failed }) => failed);
  }

  runs(): readonly RunRecord[] {
    return this.manifest.runs;
  }

  fits(): readonly FitRecord[] {
    return this.manifest.fit ?? [];
  }

  /** Begins a run, or goes on with that of the same backend and date; failures of other kernels are forgotten. */
  begin(run: RunRecord): RunRecord {
    const before = this.manifest.runs.find(
      ({ backend, date }) => backend === run.backend && date === run.date,
    );
    const isSame = before?.harness.kernels === run.harness.kernels;
    if (before) Object.assign(before, { ...run, failed: isSame ? before.failed : [] });
    else this.manifest.runs.push(run);
    this.save();
    return before ?? run;
  }

  add(point: MeasuredPoint): void {
    const file = join(this.folder, `${point.operator}.csv`);
    if (!this.openFiles.has(file)) this.openFile(file, point);
    appendFileSync(file, `${csvLine(point)}\n`);
    this.points.push(point);
  }

  /** Replaces what was fitted. */
  setFit(fit: FitRecord[]): void {
    this.manifest.fit = fit;
    this.save();
  }

  /** Writes the manifest, whole or not at all. What was added belongs to the latest run of its backend. */
  save(): void {
    for (const backend of new Set(this.manifest.runs.map((run) => run.backend))) {
      const runs = this.manifest.runs.filter((run) => run.backend === backend);
      const earlier = runs.slice(0, -1).reduce((sum, { measured }) => sum + measured, 0);
      const all = this.points.filter((point) => point.backend === backend).length;
      runs[runs.length - 1].measured = all - earlier;
    }
    makeFolder(this.folder);
    const text = stringify(this.manifest, { lineWidth: 0, aliasDuplicateObjects: false });
    writeWhole(join(this.folder, manifestName), text);
  }

  /** A file that a killed run left in the middle of a line goes on after its last whole one. */
  private openFile(file: string, { operator }: MeasuredPoint): void {
    this.openFiles.add(file);
    if (!existsSync(file)) {
      writeFileSync(file, `${csvHeader(operator)}\n`);
      return;
    }
    const text = readTextFile(file, 2 ** 26);
    const end = text.lastIndexOf('\n') + 1;
    if (end < text.length) truncateSync(file, Buffer.byteLength(text.slice(0, end)));
  }
}
