import type { Command } from 'commander';
import { oneOfWords, shard, wholeNumber } from './option-values.ts';

/** Adds `sweep` and `query`; what they do is loaded when they are called. */
export function addSweepCommands(program: Command): void {
  program
    .command('sweep')
    .description('simulate the points of a design space: a grid or a sample over any fields of a scenario')
    .argument('<scenario>', 'scenario with a sweep section: of the library, or a path to a YAML or JSON file')
    .option('--out <dir>', 'folder of the points and the results; default: <name>-sweep')
    .option('--resume', 'go on with the sweep that the folder holds')
    .option(
      '--format <format>',
      'of the results: duckdb, parquet, csv or ndjson; default: duckdb, or csv without DuckDB',
      oneOfWords('duckdb', 'parquet', 'csv', 'ndjson'),
    )
    .option('--points <n>', 'points of a sample', wholeNumber(1, 10_000_000))
    .option('--seed <n>', 'seed of the sample and of all random streams', wholeNumber(0, 2 ** 32 - 1))
    .option('--replications <n>', 'independent replications of each arm', wholeNumber(1, 10_000))
    .option('--no-early-stop', 'give dominated arms all their replications')
    .option('--workers <n>', 'worker threads; default: one per core', wholeNumber(1, 256))
    .option('--shard <i/n>', 'only every n-th point, from the i-th on; i counts from 0', shard)
    .option('--merge', 'simulate nothing; join the points of all shards into the results')
    .option(
      '--engine <engine>',
      'local: threads of this machine; bullmq: rankfleet worker on any machines',
      oneOfWords('local', 'bullmq'),
      'local',
    )
    .option(
      '--redis <url>',
      'with --engine bullmq: server of the queue; default: the variable RANKFLEET_REDIS',
    )
    .option('--watch', 'look on while points finish, on the whole terminal where there is one')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      `
Example: rankfleet sweep design-space --out space
         rankfleet sweep my.yaml --shard $SLURM_ARRAY_TASK_ID/8 --out space --resume

Exit codes: 0 answered, 1 failed (a point failed, or --merge lacks points), 2 bad input, 3 nothing feasible,
130 or 143 stopped by Ctrl-C or a request to end: what is done is kept, --resume goes on.`,
    )
    .action(async (scenario, options) => {
      const { sweep } = await import('./sweep.ts');
      process.exitCode = await sweep(scenario, options);
    });

  program
    .command('query')
    .description('ask SQL about the rows of a sweep, which are the table points')
    .argument('<dir>', 'folder that rankfleet sweep wrote, finished or not')
    .argument('<sql>', 'one SELECT; DESCRIBE points lists the columns')
    .option('--json', 'print JSON')
    .option('--csv', 'print CSV')
    .addHelpText(
      'after',
      '\nExample: rankfleet query space "SELECT arm, min(p99_s) FROM points GROUP BY arm ORDER BY arm"',
    )
    .action(async (dir, sql, options) => {
      const { queryCommand } = await import('./query.ts');
      process.exitCode = await queryCommand(dir, sql, options);
    });
}
