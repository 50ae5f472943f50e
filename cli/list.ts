import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { exitCodes } from './exit-codes.ts';
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
      return models(name);
    case 'hardware':
      return hardware(name);
    case 'scenarios':
      return scenarios(name);
    default: {
      const kinds = ['models', 'hardware', 'scenarios'];
      throw new InputError(`cannot list '${what}'${didYouMean(what, kinds)}; there are ${kinds.join(', ')}`);
    }
  }
}

// Each kind is loaded when it is listed: what reads scenarios takes as long to load as the models to read.

async function models(name?: string): Promise<Listing> {
  const { modelDetails, modelList } = await import('./list-models.ts');
  const { zooNames } = await import('../models/files.ts');
  return name === undefined ? modelList(zooNames()) : modelDetails(name);
}

async function hardware(name?: string): Promise<Listing> {
  const { hardwareDetails, hardwareLists } = await import('./list-hardware.ts');
  return name === undefined ? hardwareLists() : hardwareDetails(name);
}

async function scenarios(name?: string): Promise<Listing> {
  const { scenarioDetails, scenarioList } = await import('./list-scenarios.ts');
  const { scenarioNames } = await import('../scenarios/files.ts');
  return name === undefined ? scenarioList(scenarioNames()) : scenarioDetails(name);
}

async function everything(): Promise<Listing> {
  const lists = [await models(), await hardware(), await scenarios()];
  const [ofModels, ofHardware, ofScenarios] = lists.map(({ data }) => data);
  return {
    text: lists.map(({ text }) => text).join('\n\n'),
    data: { models: ofModels, hardware: ofHardware, scenarios: ofScenarios },
  };
}
