import { type Command, InvalidArgumentError } from 'commander';
import { plainNumber, wholeNumber } from './option-values.ts';

export const allowTorchText = 'of a problem in Python: let sources compute by operators of PyTorch, too';

const usualThresholds = [0, 0.5, 0.8, 1, 1.5, 2];

/** Adds `evolve kernelbench`. */
export function addKernelbench(evolve: Command): void {
  evolve
    .command('kernelbench')
    .description('score solutions of a folder of problems in the manner of KernelBench: fast_p')
    .argument('<dir>', 'folder of problems in Python, or of folders level1, level2, … of them')
    .requiredOption(
      '--solutions <dir>',
      'folder of solutions, with the names of their problems (.py, .cu, .cpp)',
    )
    .option('--p <list>', 'thresholds of fast_p', thresholds, usualThresholds)
    .option('--level <n>', 'only this level; may be repeated', levels, [])
    .option('--data-type <name>', "fp32, fp16 or bf16; default: that of each problem's inputs")
    .option('--allow-torch', allowTorchText)
    .option('--cores <n>', 'of a CPU: cores that kernels use; default: all', wholeNumber(1, 4096))
    .option('--csv <file>', 'write a line for each problem')
    .option('--json', 'print JSON')
    .action(async (dir, options) => {
      const { scoreSolutions } = await import('./evolve/kernelbench.ts');
      process.exitCode = await scoreSolutions(dir, options);
    });
}

/** `0,1,1.5`. */
function thresholds(text: string): number[] {
  return text.split(',').map((part) => {
    const value = plainNumber(part);
    if (value >= 0 && Number.isFinite(value)) return value;
    throw new InvalidArgumentError('expected numbers from 0 up, such as 0,1,1.5.');
  });
}

function levels(text: string, before: number[]): number[] {
  return [...before, wholeNumber(1, 1000)(text)];
}
