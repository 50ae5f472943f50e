import { type Command, Option } from 'commander';
import { wholeNumber } from './option-values.ts';

/** Adds `distil`. */
export function addDistilCommand(program: Command): void {
  program
    .command('distil')
    .description('train a teacher and its students for real, and judge the claims of external distillation')
    .argument('[experiment]', 'quick, synthetic or flights, or a path to a YAML file', 'quick')
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
      '\nExamples: rankfleet distil quick --out results\n          rankfleet distil quick --twin',
    )
    .action(async (experiment, options) => {
      const { distil } = await import('./distil/run.ts');
      const { failedWithoutDevice } = await import('./evolve/no-device.ts');
      process.exitCode = await distil(experiment, options).catch(failedWithoutDevice);
    });
}
