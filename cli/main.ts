#!/usr/bin/env node
import { Command, CommanderError, Help, InvalidArgumentError, type Option } from 'commander';
import { InputError } from '../foundation/problem.ts';
import { addDistilCommand } from './distil-command.ts';
import { addEvolveCommand } from './evolve-command.ts';
import { exitCodes } from './exit-codes.ts';
import { collect, wholeNumber } from './option-values.ts';
import { addPlanCommand } from './plan-command.ts';
import { productVersion } from './product.ts';
import { addReportCommand } from './report-command.ts';
import { addSweepCommands } from './sweep-commands.ts';
import { addViewCommand } from './view-command.ts';

/** An option that may be repeated begins with none, which says nothing. */
function optionDescription(option: Option): string {
  const isNone = Array.isArray(option.defaultValue) && option.defaultValue.length === 0;
  return isNone ? option.description : new Help().optionDescription(option);
}

/** Each command is loaded when it is called, so that the others cost nothing at start-up. */
function buildProgram(): Command {
  const program = new Command('rankfleet')
    .description('Simulator and capacity planner for deep-learning recommendation models')
    .version(productVersion())
    .showHelpAfterError('(rankfleet --help lists the commands)')
    .configureHelp({ optionDescription })
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  rankfleet simulate scale-out                     what sharding costs in latency and compute
  rankfleet simulate my.yaml --out results         answer your own question, keep result.json
  rankfleet view results                           look at an answer on the whole terminal
  rankfleet compare results my.yaml                what differs between two answers, and why
  rankfleet report results --html report.html      an answer as a page, pictures, tables or text
  rankfleet list models drm1-like                  what a model is made of
  rankfleet validate queueing                      check the simulator against queueing theory
  rankfleet schema scenario > scenario.schema.json let your editor check scenarios

Exit codes: 0 answered, 1 failed, 2 bad input, 3 does not fit or misses the SLA.`,
    );

  program
    .command('simulate')
    .description('simulate the arms of a scenario and compare them')
    .argument('<scenario>', 'scenario of the library, or a path to a YAML or JSON file')
    .option('--out <dir>', 'write result.json, the placements and scenario.json to this folder')
    .option('--json', 'print the result as JSON instead of tables')
    .option('--seed <n>', 'seed of all random streams', wholeNumber(0, 2 ** 32 - 1))
    .option('--replications <n>', 'independent replications of each arm', wholeNumber(1, 10_000))
    .option('--arm <name>', 'only this arm and the baseline; may be repeated', collect, [])
    .option('--workers <n>', 'worker threads; default: one per core', wholeNumber(1, 256))
    .option(
      '--trace <file>',
      'write what some requests of each arm did, for ui.perfetto.dev or chrome://tracing',
    )
    .option(
      '--trace-requests <n>',
      'measured requests to trace from the first on, beside the slowest and the median; default: 10',
      wholeNumber(0, 1000),
    )
    .option('--watch', 'look on while it is simulated, on the whole terminal where there is one')
    .addHelpText('after', '\nExample: rankfleet simulate scale-out --replications 20 --out results')
    .action(async (scenario, options) => {
      const { simulate } = await import('./simulate.ts');
      process.exitCode = await simulate(scenario, options);
    });

  program
    .command('compare')
    .description('two scenarios or results side by side: differences with intervals, and what explains them')
    .argument('<a>', 'scenario (of the library, or a path), result.json, or a folder with one')
    .argument('<b>', 'the same; every difference is B − A')
    .option('--arm <name>', 'only this arm, on both sides; may be repeated', collect, [])
    .option('--arm-a <name>', 'this arm of A, with its namesake or the only arm of B')
    .option('--arm-b <name>', 'this arm of B')
    .option('--seed <n>', 'seed of both sides; default: that of A', wholeNumber(0, 2 ** 32 - 1))
    .option(
      '--replications <n>',
      'independent replications of both sides; default: as A',
      wholeNumber(1, 10_000),
    )
    .option('--out <dir>', 'write comparison.json to this folder')
    .option('--no-attribution', 'do not simulate mixtures of A and B to tell what explains the difference')
    .option('--workers <n>', 'worker threads; default: one per core', wholeNumber(1, 256))
    .option('--json', 'print the comparison as JSON instead of tables')
    .addHelpText(
      'after',
      "\nExample: rankfleet compare scale-out scale-out --arm-a singular --arm-b 'nsbp 8'",
    )
    .action(async (a, b, options) => {
      const { compareCommand } = await import('./compare.ts');
      process.exitCode = await compareCommand(a, b, options);
    });

  addPlanCommand(program);

  addSweepCommands(program);

  addReportCommand(program);

  addViewCommand(program);

  program
    .command('list')
    .description('list models, hardware or scenarios, or show one of them')
    .argument('[what]', 'models, hardware or scenarios; default: all')
    .argument('[name]', 'one of them, in full')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: rankfleet list models mlperf-dlrm-dcnv2')
    .action(async (what, name, options) => {
      const { list } = await import('./list.ts');
      process.exitCode = await list(what, name, options);
    });

  program
    .command('validate')
    .description('check the simulator against queueing theory')
    .argument('<what>', 'queueing')
    .option('--model <name>', 'mm1, mmc, mg1, md1 or forkjoin; default: all')
    .option('--servers <c>', 'servers of mmc, branches of forkjoin', wholeNumber(1, 256))
    .option('--rho <r>', 'utilisation, 0.05 to 0.98; default: 0.3, 0.5, 0.8, 0.9 and 0.95', utilisation)
    .option('--seed <n>', 'seed of all random streams', wholeNumber(0, 2 ** 32 - 1))
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: rankfleet validate queueing --model mmc --servers 10 --rho 0.8')
    .action(async (what, options) => {
      const { validate } = await import('./validate.ts');
      process.exitCode = validate(what, options);
    });

  program
    .command('calibrate')
    .description('run the operators of recommendation models on a device here, and fit its cost model')
    .option('--list', 'show the devices that are found, and what was looked for')
    .option(
      '--backend <name>',
      'cuda, hip, webgpu, cpu or python; default: a GPU if there is one, else the CPU',
    )
    .option('--index <n>', 'which of several devices', wholeNumber(0, 1023), 0)
    .option('--name <device>', 'name of the device; default: the catalogue name of what it reports')
    .option('--out <dir>', 'folder of measurements and profiles', 'calibration')
    .option('--budget <time>', 'time to measure in, as 90s, 5m or 1h', '5m')
    .option('--operators <names>', 'only these operators, separated by commas')
    .option('--data-types <names>', 'only these data types, separated by commas')
    .option('--implementations <names>', 'only these kernels, separated by commas')
    .option('--seed <n>', 'seed of all inputs', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--training-steps', 'measure whole training steps by PyTorch instead of operators')
    .option(
      '--models <list>',
      'with --training-steps: models, scaled as wukong:rows=0.25:dense=8; default: a plan of vertical and foundation models',
    )
    .option('--batches <list>', 'with --training-steps: examples of a step on each device, as 256,1024')
    .option(
      '--distillation <list>',
      'with --training-steps: none, one-head, heads=256, heads=256+adapter=8 (hidden units)',
    )
    .option(
      '--devices <n>',
      'with --training-steps: devices of this host that train together',
      wholeNumber(1, 1024),
    )
    .option('--refit <dir>', 'fit again what a folder of measurements holds, without a device')
    .option(
      '--import <file>',
      'take measurements made elsewhere from a CSV file; may be repeated',
      collect,
      [],
    )
    .addHelpText(
      'after',
      '\nExample: rankfleet calibrate --backend cpu --budget 1m --operators gemm,embedding-bag\n' +
        '         rankfleet calibrate --training-steps --models wide-and-deep --batches 256,4096',
    )
    .action(async (options) => {
      const { calibrateCommand } = await import('./calibrate-command.ts');
      process.exitCode = await calibrateCommand(options);
    });

  addEvolveCommand(program);

  addDistilCommand(program);

  program
    .command('support')
    .description('say beforehand which operators of a scenario are measured, fitted, transferred or missing')
    .argument('<scenario>', 'scenario of the library, or a path to a YAML or JSON file')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: rankfleet support scale-out')
    .action(async (scenario, options) => {
      const { support } = await import('./support.ts');
      process.exitCode = await support(scenario, options);
    });

  program
    .command('accuracy')
    .description('how well measured times are predicted when they are left out')
    .option(
      '--device <name>',
      'a device of the catalogue, or a path to a device file; default: all measured ones',
    )
    .option(
      '--training-steps <dir>',
      'with --device: training steps measured elsewhere (calibrate --training-steps)',
    )
    .option('--mlperf', 'predict published MLPerf results of DLRM from measured kernels instead')
    .option('--data <file>', 'with --mlperf: other published results, a CSV file with the same columns')
    .option('--system <words>', 'with --mlperf: only rows with these words in submitter, system or device')
    .option('--verbose', 'with --mlperf: where the predicted time of a pair goes')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample: rankfleet accuracy --device h200-sxm\n         rankfleet accuracy --mlperf --system H100 --verbose',
    )
    .action(async (options) => {
      const { checkAccuracyOptions, printMlperfAccuracy } = await import('./accuracy-mlperf.ts');
      checkAccuracyOptions(options);
      if (options.mlperf) {
        process.exitCode = await printMlperfAccuracy(options);
        return;
      }
      const { printAccuracy } = await import('./accuracy.ts');
      process.exitCode = printAccuracy(options);
    });

  program
    .command('worker')
    .description('evaluate points of sweeps that wait on a Redis server (rankfleet sweep --engine bullmq)')
    .option('--redis <url>', 'redis://[user:password@]host[:port][/database]; default: RANKFLEET_REDIS')
    .option('--concurrency <n>', 'points at a time; default: one per core', wholeNumber(1, 1024))
    .option('--exit-when-idle [time]', 'end after that long without a point; 30s if no time is given')
    .option(
      '--lost-after <time>',
      'silence of a worker after which others take over its points, 1s at least',
      '5s',
    )
    .addHelpText(
      'after',
      '\nExample: rankfleet worker --redis redis://queue.example:6379 --exit-when-idle 5min',
    )
    .action(async (options) => {
      const { worker } = await import('./worker.ts');
      process.exitCode = await worker(options);
    });

  program
    .command('schema')
    .description('print the JSON Schema of a kind of file, for editors')
    .argument(
      '[kind]',
      'scenario, model, hardware, placement, distil, layout (of a CSV file for distil), constants, result, plan, comparison, sweep, bundle (scenario.json), experiment or twins (of distil --twin)',
      'scenario',
    )
    .addHelpText('after', '\nExample: rankfleet schema model > model.schema.json')
    .action(async (kind) => {
      const { printSchema } = await import('./schema.ts');
      process.exitCode = printSchema(kind);
    });

  return program;
}

/** Below, hardly anybody waits; above, twenty replications are too short for an interval that can be trusted. */
function utilisation(text: string): number {
  const value = Number(text);
  if (!(value >= 0.05 && value <= 0.98))
    throw new InvalidArgumentError('expected a number from 0.05 to 0.98.');
  return value;
}

/** Tells the user what went wrong, without a stack trace, and gives the exit code that says the same. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.answered : exitCodes.badInput;
  if (error instanceof InputError) {
    process.stderr.write(`${error.message}\n`);
    return exitCodes.badInput;
  }
  const { message, stack } = error as Error;
  process.stderr.write(`rankfleet failed: ${process.env.RANKFLEET_DEBUG ? stack : message}\n`);
  return exitCodes.failed;
}

// A reader that closes the pipe early (head, less) has seen enough.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCodes.answered);
    if (stream === process.stdout) process.stderr.write(`rankfleet failed: ${error.message}\n`);
    process.exit(exitCodes.failed);
  });
}

try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
