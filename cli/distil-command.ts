import type { Command } from 'commander';
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
    .option('--json', 'print the result as JSON instead of tables')
    .addHelpText('after', '\nExample: rankfleet distil quick --out results')
    .action(async (experiment, options) => {
      const { distil } = await import('./distil/run.ts');
      process.exitCode = await distil(experiment, options);
    });
}
