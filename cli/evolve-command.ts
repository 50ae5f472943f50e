import { type Command, InvalidArgumentError } from 'commander';
import { parseQuantity } from '../foundation/units.ts';
import { addKernelbench, allowTorchText } from './evolve-kernelbench-command.ts';
import { collect, oneOfWords, percentUpTo, plainNumber, wholeNumber } from './option-values.ts';

const backends = ['cuda', 'python', 'webgpu', 'cpu'];
const policies = ['greedy', 'mcts', 'islands', 'aide', 'one-shot'];
const memories = ['adaptive', 'parent', 'siblings', 'both', 'none'];

/** Adds `evolve` and its parts; what they do is loaded when they are called. */
export function addEvolveCommand(program: Command): void {
  const evolve = program
    .command('evolve')
    .description('search for a faster kernel of an operator, judge it, and say what it would do to a fleet')
    .addHelpText(
      'after',
      `
rankfleet evolve TASK is rankfleet evolve run TASK; rankfleet evolve run --help lists its options.

Examples:
  rankfleet evolve list                                    the tasks that ship
  rankfleet evolve map-id --backend cuda --budget 10m      search, and keep what is found
  rankfleet evolve map-id --out search --resume            go on after Ctrl-C or a crash
  rankfleet evolve report search --html search.html        the search as a page, with its graph
  rankfleet evolve kernelbench problems --solutions mine   fast_p of solutions of a folder of problems
  rankfleet evolve apply search my.yaml                    devices saved, and when the search has paid

Exit codes: 0 answered, 1 failed, 2 bad input, 3 no right kernel (or a given one is wrong), 130 or 143 stopped.`,
    );
  addRun(evolve);
  addLooking(evolve);
  addTiming(evolve);
  addKernelbench(evolve);
  addDeploying(evolve);
}

function addRun(evolve: Command): void {
  evolve
    .command('run', { isDefault: true })
    .description('search for a kernel (the usual command: run may be left out)')
    .argument(
      '<task>',
      'task that ships (rankfleet evolve list), or a path to a YAML or JSON file, or to a problem in Python',
    )
    .option(
      '--backend <name>',
      'cuda (CUDA C++), python (Triton), webgpu (WGSL) or cpu (C++); default: what is here',
      oneOfWords(...backends),
    )
    .option('--data-type <name>', "one of the task's; default: its first")
    .option('--policy <name>', 'greedy, mcts, islands, aide or one-shot', oneOfWords(...policies), 'greedy')
    .option(
      '--operator <name>',
      'rewrite: variants and knobs; llm: a language model',
      oneOfWords('rewrite', 'llm'),
      'rewrite',
    )
    .option('--model <name>', 'with --operator llm: model of the endpoint (OPENAI_BASE_URL, OPENAI_API_KEY)')
    .option(
      '--tokens <n>',
      'with --operator llm: tokens of this run at most; default: a million',
      wholeNumber(1, 1e12),
    )
    .option('--steps <n>', 'artifacts at most; 50 where no limit is stated', wholeNumber(1, 1_000_000))
    .option('--budget <time>', 'time of this run at most, as 90s, 5m or 1h', duration)
    .option('--stall <n>', 'artifacts in a row without a better one', wholeNumber(1, 1_000_000))
    .option('--threshold <x>', 'score that is good enough, in times as fast', above(0))
    .option('--drafts <n>', 'independent drafts before feedback', wholeNumber(1, 1000), 10)
    .option(
      '--memory <name>',
      'adaptive, parent, siblings, both or none',
      oneOfWords(...memories),
      'adaptive',
    )
    .option('--from <dir>', 'folder of an earlier search to learn from; may be repeated', collect, [])
    .option('--reuse <p>', 'with --from: share of expansions that are shown its kernels; default: 0.1', share)
    .option('--seed <n>', 'seed of all choices', wholeNumber(0, 2 ** 32 - 1), 1)
    .option(
      '--agents <n>',
      'expansions at a time; default: four for each GPU, two for a CPU',
      wholeNumber(1, 1024),
    )
    .option('--devices <n>', 'devices to evaluate on', wholeNumber(1, 64), 1)
    .option('--cores <n>', 'with --backend cpu: cores that kernels use; default: all', wholeNumber(1, 4096))
    .option('--kernels <dir>', 'folder with a folder of kernels for each task; default: those that ship')
    .option('--seed-kernels <file>', 'source to begin with; may be repeated', collect, [])
    .option('--allow-torch', allowTorchText)
    .option('--no-python', 'time against no framework of Python, even where there is one')
    .option('--out <dir>', 'folder of the search; default: <task>-search')
    .option('--resume', 'go on with the search that the folder holds')
    .option('--json', 'print JSON')
    .action(async (task, { steps, budget, out, ...options }) => {
      const { search } = await import('./evolve/search.ts');
      const folder = out ?? `${task.replace(/^.*[/\\]|\.\w+$/g, '')}-search`;
      const limits = { artifacts: steps, wallClockS: budget };
      process.exitCode = await search(task, { ...options, ...limits, out: folder });
    });
}

function addLooking(evolve: Command): void {
  evolve
    .command('list')
    .description('the tasks that ship')
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { listTasks } = await import('./evolve/list.ts');
      process.exitCode = await listTasks(options);
    });
  evolve
    .command('show')
    .description('shapes of a task, and the kernels that a search begins with')
    .argument('<task>', 'task that ships, or a path to a file')
    .option('--kernels <dir>', 'folder with a folder of kernels for each task; default: those that ship')
    .option('--json', 'print JSON')
    .action(async (task, options) => {
      const { showTask } = await import('./evolve/list.ts');
      process.exitCode = await showTask(task, options);
    });
  evolve
    .command('report')
    .description('what a search came to: text, data, a page or its graph; or many side by side')
    .argument('<dir>', 'folder of a search, a file that one was exported to, or a folder of several of these')
    .option('--session <n>', 'one of several searches in the folder; default: the last', wholeNumber(1, 1e9))
    .option('--html <file>', 'write a self-contained page (- for stdout)')
    .option('--svg <file>', 'write the graph of the search as a picture (- for stdout)')
    .option('--json', 'print JSON')
    .option('--csv', 'of several searches: print a table of data')
    .option('--markdown', 'of several searches: print a table for a document')
    .action(async (dir, options) => {
      const { reportSearch } = await import('./evolve/report.ts');
      process.exitCode = await reportSearch(dir, options);
    });
  evolve
    .command('replay')
    .description(
      'derive scores, choices and results of a search again from what is kept; 1 where they differ',
    )
    .argument('<dir>', 'folder of a search, or a file that one was exported to')
    .option('--target <x>', 'score whose first appearance is counted, 1.2 unless stated', above(0))
    .option('--json', 'print JSON')
    .action(async (dir, options) => {
      const { replaySearch } = await import('./evolve/replay.ts');
      process.exitCode = await replaySearch(dir, options);
    });
  evolve
    .command('export')
    .description('a whole search as one JSON file, with its dispatch tables')
    .argument('<dir>', 'folder of a search')
    .argument('<file>', 'file to write, - for stdout')
    .action(async (dir, file) => {
      const { exportTo } = await import('./evolve/export.ts');
      process.exitCode = await exportTo(dir, file);
    });
}

function addTiming(evolve: Command): void {
  evolve
    .command('check')
    .description('judge given kernels as a search would')
    .argument('<file...>', 'sources: .cu, .py (Triton), .wgsl or .cpp')
    .requiredOption('--task <task>', 'task that ships, or a path to a file; a problem ends in .py')
    .option('--data-type <name>', "one of the task's; default: its first")
    .option(
      '--baseline <file>',
      'kernel to time against where no library computes the operator; default: the first',
    )
    .option('--cores <n>', 'of a CPU: cores that kernels use; default: all', wholeNumber(1, 4096))
    .option('--allow-torch', allowTorchText)
    .option('--final', 'on held-out shapes, too, and with more rounds')
    .option('--counters', 'hardware counters, too, of kernels on an NVIDIA GPU (by ncu)')
    .option('--no-python', 'time against no framework of Python, even where there is one')
    .option('--json', 'print JSON')
    .action(async (files, options) => {
      const { checkSources } = await import('./evolve/check.ts');
      process.exitCode = await checkSources(files, options);
    });
  evolve
    .command('space')
    .description('time every setting of the knobs of one kernel, for policies to be compared on')
    .argument('<task>', 'task that ships, or a path to a file')
    .requiredOption('--out <file>', 'file of the space; it grows while it is timed')
    .option('--variant <name>', 'kernel of the task, where it has several')
    .option('--knobs <names>', 'turn only these, separated by commas; default: all')
    .option('--shapes <n>', 'only the first shapes of the search; default: all', wholeNumber(1, 1000))
    .option('--backend <name>', 'cuda, python, webgpu or cpu; default: what is here', oneOfWords(...backends))
    .option('--data-type <name>', "one of the task's; default: its first")
    .option('--cores <n>', 'with --backend cpu: cores that kernels use; default: all', wholeNumber(1, 4096))
    .option('--kernels <dir>', 'folder with a folder of kernels for each task; default: those that ship')
    .option('--no-python', 'time against no framework of Python, even where there is one')
    .option('--resume', 'go on with the space that the file holds')
    .action(async (task, options) => {
      const { timeSpaceOf } = await import('./evolve/space.ts');
      process.exitCode = await timeSpaceOf(task, options);
    });
  evolve
    .command('compare-policies')
    .description('searches by several policies on a space that was timed, without a device')
    .argument('<space>', 'file that rankfleet evolve space wrote')
    .option('--policy <name>', 'one of several; may be repeated; default: all', collect, [])
    .option(
      '--from <file>',
      'earlier space, search folder or export whose best kernels are shown; may be repeated',
      collect,
      [],
    )
    .option('--reuse <rates>', 'with --from: shares of expansions that see them; default: 0,0.1,0.5', shares)
    .option('--seeds <n>', 'searches of each policy', wholeNumber(1, 10_000), 20)
    .option('--steps <n>', 'artifacts of each search', wholeNumber(1, 100_000), 100)
    .option('--drafts <n>', 'independent drafts before feedback', wholeNumber(1, 1000), 10)
    .option('--target <x>', 'score whose first appearance is counted, 1.2 unless stated', above(0))
    .option('--json', 'print JSON')
    .action(async (space, options) => {
      const { comparePoliciesOn } = await import('./evolve/compare-policies.ts');
      process.exitCode = await comparePoliciesOn(space, options);
    });
}

function addDeploying(evolve: Command): void {
  evolve
    .command('apply')
    .description(
      "what a search's kernels do to the arms of a scenario: speedup, devices saved, when it has paid",
    )
    .argument('<dir>', 'folder of a search, or a file that one was exported to')
    .argument('<scenario>', 'scenario of the library, or a path to a YAML or JSON file')
    .option('--session <n>', 'one of several searches in the folder; default: the last', wholeNumber(1, 1e9))
    .option('--arm <name>', 'only this arm; may be repeated', collect, [])
    .option('--fleet <n>', "devices of the fleet; default: those of each arm's hosts", wholeNumber(1, 1e9))
    .option(
      '--share <percent>',
      "the operator's part of the time, as '20 %', for a model that does not have it",
      percentUpTo(1),
    )
    .option('--months <list>', 'months until the next refresh of hardware', months, [12, 18])
    .option('--json', 'print JSON')
    .action(async (dir, scenario, options) => {
      const { applySearch } = await import('./evolve/apply.ts');
      process.exitCode = await applySearch(dir, scenario, options);
    });
  evolve
    .command('profile')
    .description('the device with these kernels, as measurements and a profile that scenarios can name')
    .argument('<dir>', 'folder of a search, or a file that one was exported to')
    .requiredOption('--out <dir>', 'folder of measurements and profiles, as calibrate writes')
    .option('--session <n>', 'one of several searches in the folder; default: the last', wholeNumber(1, 1e9))
    .action(async (dir, options) => {
      const { writeProfileOf } = await import('./evolve/profile.ts');
      process.exitCode = await writeProfileOf(dir, options);
    });
}

/** Seconds from `90s`, `5m` or `1h`: m is minutes here, as people write budgets. */
function duration(text: string): number {
  let seconds = 0;
  try {
    seconds = parseQuantity(text.replace(/^([\d.]+)\s*m$/, '$1 min'), 'time');
  } catch {}
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError('expected a time above 0, such as 90s, 5m or 1h.');
}

function above(least: number): (text: string) => number {
  return (text) => {
    const value = plainNumber(text);
    if (Number.isFinite(value) && value > least) return value;
    throw new InvalidArgumentError(`expected a number above ${least}.`);
  };
}

function share(text: string): number {
  const value = plainNumber(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('expected a number from 0 to 1.');
}

/** `0,0.1,0.5`. */
function shares(text: string): number[] {
  return text.split(',').map(share);
}

/** `12,18`. */
function months(text: string): number[] {
  return text.split(',').map((part) => {
    const value = plainNumber(part);
    if (value > 0 && value <= 600) return value;
    throw new InvalidArgumentError('expected months above 0, such as 12,18.');
  });
}
