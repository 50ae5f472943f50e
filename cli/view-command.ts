import type { Command } from 'commander';

/** Adds `view`; what it does is loaded when it is called. */
export function addViewCommand(program: Command): void {
  program
    .command('view')
    .description('look at a result, plan, comparison or sweep on the whole terminal')
    .argument(
      '[answer]',
      'result.json, plan.json, a comparison, or a folder that --out wrote; default: this folder',
    )
    .option('--plain', 'print the report as text, as is done where there is no terminal')
    .addHelpText('after', '\nExample: rankfleet simulate scale-out --out results && rankfleet view results')
    .action(async (answer, options) => {
      const { view } = await import('./view.ts');
      process.exitCode = await view(answer, options);
    });
}
