import { scenarioDocument } from '../../scenarios/files.ts';
import { type Design, type DesignOptions, designSweep } from '../../sweep/design.ts';
import { Folder } from '../scenarios/folder.ts';

/** A sweep of a small model that takes milliseconds a point; `sweep` is indented by two. */
export function smallSweep(sweep: string, arms = ''): string {
  return `model: small.yaml
load:
  arrivals: { kind: poisson, rate: 20 QPS }
  candidates: { kind: fixed, value: 64 }
  requests: 60
serving: { batch_size: 32 }
fleet:
  main: { host: sc-large, workers: 4 }
sharding: { strategy: capacity-balanced, shards: 2 }
replications: 3
${arms}sweep:
${sweep}`;
}

export const gridSweep = smallSweep(`  fields:
    load.arrivals.rate: [20 QPS, 40 QPS]
    sharding.shards: { from: 1, to: 3, integer: true }
`);

/** The sweep of a text that is written to a folder as `sweep.yaml`. */
export async function designOf(folder: Folder, text: string, options?: DesignOptions): Promise<Design> {
  const { document, name } = scenarioDocument(folder.write('sweep.yaml', text));
  return designSweep(document, name, '1', options);
}

/** What is wrong with a sweep, as one text. */
export async function problemsOf(text: string, options?: DesignOptions): Promise<string> {
  const folder = new Folder();
  try {
    await designOf(folder, text, options);
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder.path}/`, '');
  } finally {
    folder.remove();
  }
  return 'nothing is wrong';
}
