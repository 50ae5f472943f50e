import { parse } from 'csv-parse/sync';
import { askedCounters, type Counters, durationCounter, isShare } from '../../counters.ts';

/**
 * Reads what `ncu --csv --page raw` prints: lines of its own and of the program, a header, a row of units, and a row for each
 * kernel that ran. Kernels count by their time.
 * @returns shares from 0 to 1, ratios as they are; nothing where no kernel was counted
 */
export function readCounters(printed: string): Counters | undefined {
  const lines = printed.split(/\r?\n/);
  const start = lines.findIndex((line) => line.startsWith('"ID",'));
  if (start < 0) return undefined;
  const table = lines.slice(start).filter((line) => line.startsWith('"'));
  const rows: Record<string, string>[] = parse(table.join('\n'), { columns: true, relax_column_count: true });
  // Units have no number of a kernel.
  const kernels = rows.filter((row) => row.ID !== '');
  const counted = askedCounters.flatMap((name) => {
    if (name === durationCounter) return [];
    const value = weighted(kernels, name);
    return value === undefined ? [] : [[name, isShare(name) ? Math.min(1, value / 100) : value] as const];
  });
  return counted.length > 0 ? Object.fromEntries(counted) : undefined;
}

/** Mean over the kernels that have the counter. */
function weighted(kernels: readonly Record<string, string>[], name: string): number | undefined {
  let [sum, weights] = [0, 0];
  for (const kernel of kernels) {
    const value = numberOf(kernel[name]);
    if (value === undefined) continue;
    const weight = numberOf(kernel[durationCounter]) ?? 1;
    sum += weight * value;
    weights += weight;
  }
  return weights > 0 ? sum / weights : undefined;
}

/** `1,980.5`, and what is no number where a device does not count it. */
function numberOf(text: string | undefined): number | undefined {
  const value = Number((text ?? '').replaceAll(',', '').trim() || Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}
