import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { zooNames } from '../models/files.ts';
import { scenarioNames } from '../scenarios/files.ts';
import { exitCodes } from './exit-codes.ts';
import { hardwareDetails, hardwareLists } from './list-hardware.ts';
import { modelDetails, modelList } from './list-models.ts';
import { scenarioDetails, scenarioList } from './list-scenarios.ts';
import type { Listing } from './listing.ts';

/** `rankfleet list models|hardware|scenarios [name]`. */
export async function list(
  what: string | undefined,
  name: string | undefined,
  { json }: { json?: boolean },
): Promise<number> {
  const { text, data } = await listing(what, name);
  process.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`);
  return exitCodes.answered;
}

async function listing(what: string | undefined, name: string | undefined): Promise<Listing> {
  switch (what) {
    case undefined:
      return everything();
    case 'models':
      return name === undefined ? modelList(zooNames()) : modelDetails(name);
    case 'hardware':
      return name === undefined ? hardwareLists() : hardwareDetails(name);
    case 'scenarios':
      return name === undefined ? scenarioList(scenarioNames()) : scenarioDetails(name);
    default: {
      const kinds = ['models', 'hardware', 'scenarios'];
      throw new InputError(`cannot list '${what}'${didYouMean(what, kinds)}; there are ${kinds.join(', ')}`);
    }
  }
}

async function everything(): Promise<Listing> {
  const [models, hardware, scenarios] = await Promise.all([
    modelList(zooNames()),
    hardwareLists(),
    scenarioList(scenarioNames()),
  ]);
  return {
    text: [models, hardware, scenarios].map(({ text }) => text).join('\n\n'),
    data: { models: models.data, hardware: hardware.data, scenarios: scenarios.data },
  };
}
