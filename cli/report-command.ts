import type { Command } from 'commander';
import { collect, wholeNumber } from './option-values.ts';

/** `rankfleet report`. */
export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('write an answer as a page, pictures, tables or text; prints it without such an option')
    .argument(
      '<subject>',
      'result.json, plan.json, a comparison, a folder that simulate, plan, compare, sweep, evolve or distil wrote, an exported search, or a scenario, which is simulated first',
    )
    .option('--html <file>', 'one page with charts, which needs nothing else')
    .option('--svg <dir>', 'each chart as a picture of its own in this folder')
    .option('--markdown <file>', 'the whole answer in words and tables, for a design document')
    .option('--csv <file>', 'a table of data with all digits')
    .option('--parquet <file>', 'the same table as Parquet; needs DuckDB')
    .option('--json <file>', 'the whole answer as JSON')
    .option(
      '--trace <file>',
      'requests of a simulation on a time line, for ui.perfetto.dev or chrome://tracing',
    )
    .option('--table <name>', 'the table that --csv and --parquet write')
    .option('--arm <name>', 'of a scenario: only this arm and the baseline; may be repeated', collect, [])
    .option('--seed <n>', 'of a scenario: seed of all random streams', wholeNumber(0, 2 ** 32 - 1))
    .option('--replications <n>', 'of a scenario: replications of each arm', wholeNumber(1, 10_000))
    .option('--workers <n>', 'of a scenario: worker threads; default: one per core', wholeNumber(1, 256))
    .addHelpText('after', `\n${tablesInWords}\n${closing}`)
    .action(async (subject, options) => {
      const { report } = await import('./report.ts');
      process.exitCode = await report(subject, options);
    });
}

/** Told here as well as where they are made, since help loads nothing. */
const tablesInWords = `Tables, the first of each is the usual one:
  result      arms, percentiles, curve, breakdown, compute, utilisation, shards, storage, cache, evidence,
              operators, rooflines, measured-points, replications, defaults
  plan        alternatives (of several models: pairs), tiers, states, utilisation, curve, headroom, frontier,
              workloads, stock, rules, sensitivity, relief, growth, growth-hosts, growth-shares, growth-capacity,
              growth-orders, growth-ways, growth-proofs, day, day-series, day-load, day-targets, day-delays,
              relaxations, defaults
  comparison  figures, inputs, breakdown, attribution
  sweep       points, frontier, fields
  experiment  cells, seeds, claims, controls, teachers, freshness, transfer, series, stream, verticals
  distillation
              arms, systems, cost-items, break-even, verticals, tasks, swings, fleets, steps, step-parts, pipeline,
              feeds, snapshots, course, evidence, replications, assumptions
  distillation-plan
              alternatives, fleets, proof, verticals, systems, frontier, snapshots, sensitivity, remedies
  distillation-comparison
              figures, inputs`;

const closing = `
A FILE of - is stdout. Files are written whole or not at all; what was written is told on stderr.

Examples:
  rankfleet report results --html report.html --markdown answer.md
  rankfleet report results --csv - --table percentiles
  rankfleet report scale-out --replications 3 --csv arms.csv --json result.json

Exit codes: 0 written, 1 failed, 2 bad input; of a scenario also 3, as simulate.`;
