import { type Command, Option } from 'commander';
import { wholeNumber } from './option-values.ts';

/** Adds `distil` and its parts. */
export function addDistilCommand(program: Command): void {
  const distil = program
    .command('distil')
    .description('train a teacher and its students for real, and judge the claims of external distillation')
    .addHelpText(
      'after',
      `
rankfleet distil EXPERIMENT is rankfleet distil run EXPERIMENT; rankfleet distil run --help lists its options.

Examples:
  rankfleet distil synthetic --out results         train, judge, and keep the result
  rankfleet distil fit results --out mine.yaml     constants of the quality model from it, for scenarios to name`,
    );
  addRun(distil);
  addFit(distil);
}

function addRun(distil: Command): void {
  distil
    .command('run', { isDefault: true })
    .description('train and judge (the usual command: run may be left out)')
    .argument(
      '[experiment]',
      'quick, synthetic, flights or flights-hourly, or a path to a YAML file',
      'quick',
    )
    .option(
      '--seeds <n>',
      'train all with seeds 1 to n; default: as the experiment says',
      wholeNumber(1, 100),
    )
    .option('--workers <n>', 'worker threads; default: one per core', wholeNumber(1, 256))
    .option('--out <dir>', 'write result.json to this folder')
    .option('--keep-logs', 'with --out: keep the logs of the teachers, of 20 bytes an example each')
    .addOption(
      new Option('--backend <name>', 'what trains: python is PyTorch, of $RANKFLEET_PYTHON or python3')
        .choices(['rankfleet', 'python'])
        .default(undefined, 'rankfleet'),
    )
    .option('--twin', 'train all by both, and compare')
    .option('--device <name>', 'with PyTorch: its name of a device, such as cuda; default: cpu')
    .addOption(
      new Option('--init <whose>', 'with PyTorch: initial parameters, rankfleet’s (shared) or own')
        .choices(['shared', 'own'])
        .default(undefined, 'shared'),
    )
    .addOption(
      new Option('--precision <type>', 'what parameters and activations are kept in')
        .choices(['float32', 'float64'])
        .default(undefined, 'float32'),
    )
    .option('--json', 'print the result, or with --twin the comparison, as JSON instead of tables')
    .addHelpText(
      'after',
      `
Examples:
  rankfleet distil quick --out results             a small world, in seconds
  rankfleet distil mine.yaml --seeds 5 --out mine  an experiment of your own, on a CSV file of yours
  rankfleet distil quick --twin                    everything by PyTorch too, compared
  rankfleet report mine --html mine.html           its result as a page with charts, or as tables
  rankfleet schema distil > distil.schema.json     let your editor check experiments
  rankfleet schema layout                          what says which column of a CSV file is what

Exit codes: 0 answered, 1 failed, 2 bad input, 130 or 143 stopped.`,
    )
    .action(async (experiment, options) => {
      const { distil } = await import('./distil/run.ts');
      const { failedWithoutDevice } = await import('./evolve/no-device.ts');
      process.exitCode = await distil(experiment, options).catch(failedWithoutDevice);
    });
}

function addFit(distil: Command): void {
  distil
    .command('fit')
    .description('fit constants of the quality model to the result of an experiment')
    .argument('<result>', 'result.json of an experiment, or the folder with it')
    .option(
      '--out <file>',
      'write the fitted constants to this YAML file (- is stdout), for scenarios to name',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: rankfleet distil fit results --out constants.yaml')
    .action(async (result, options) => {
      const { fitExperiment } = await import('./distil/fit.ts');
      process.exitCode = await fitExperiment(result, options);
    });
}
