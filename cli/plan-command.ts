import type { Command } from 'commander';
import { collect, oneOfWords, percentUpTo, rate, slaOption, wholeNumber } from './option-values.ts';

/** `rankfleet plan`. */
export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .description(
      'find the cheapest fleet that meets the SLA, and prove it by simulation; of a distillation, what to build and buy',
    )
    .argument(
      '<scenario>',
      'scenario of the library, or a path to a YAML or JSON file; its arms are the alternatives',
    )
    .option('--target <rate>', "requests per second to serve, as '20000 QPS'", rate)
    .option('--sla <limit>', "percentile and latency, as 'p99 50 ms'", slaOption)
    .option(
      '--headroom <percent>',
      "share of the fleet's capacity that the target leaves free, as '20 %'",
      percentUpTo(0.9),
    )
    .option('--spares <n>', 'hosts more than needed of every role', wholeNumber(0, 1000))
    .option(
      '--survive <domain>',
      'failure domain that may be down: nothing, host, rack or region',
      oneOfWords('nothing', 'host', 'rack', 'region'),
    )
    .option('--arm <name>', 'only this alternative; may be repeated', collect, [])
    .option('--capacity', 'only the throughput of one replica set of each alternative; sizes no fleet')
    .option('--no-sensitivity', 'do not turn every knob of the best fleet up and down')
    .option('--out <dir>', 'write plan.json to this folder')
    .option('--json', 'print the plan as JSON instead of tables')
    .option('--seed <n>', 'seed of all random streams', wholeNumber(0, 2 ** 32 - 1))
    .option('--replications <n>', 'most replications of each simulation', wholeNumber(1, 10_000))
    .option('--workers <n>', 'worker threads; default: one per core', wholeNumber(1, 256))
    .addHelpText(
      'after',
      `
Examples:
  rankfleet plan sc-small-shards                              what to buy for the load of a scenario
  rankfleet plan scale-out --sla 'p99 80 ms' --capacity       what one replica set of each arm bears
  rankfleet plan teacher-under-a-budget --arm 'all of the traffic'   which teacher to build under a budget
  rankfleet plan scale-out-drm1 --target '5 kQPS' --survive rack --spares 1`,
    )
    .action(async (scenario, options) => {
      const { plan } = await import('./plan.ts');
      process.exitCode = await plan(scenario, options);
    });
}
