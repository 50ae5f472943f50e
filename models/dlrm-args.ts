import { didYouMean } from '../foundation/near-name.ts';
import { type Lookups, randomLookups } from './dlrm-random-data.ts';
import type { ImportFile, NetFile } from './schema.ts';
import { limits } from './schema-tables.ts';

/** Arguments that are not understood. */
export class BadArguments extends Error {}

/** Arguments that describe the model, with the defaults of dlrm_s_pytorch.py. */
const defaults = {
  'arch-sparse-feature-size': '2',
  'arch-embedding-size': '4-3-2',
  'arch-mlp-bot': '4-3-2',
  'arch-mlp-top': '4-2-1',
  'arch-interaction-op': 'dot',
  'num-indices-per-lookup': '10',
};

type Option = keyof typeof defaults;

/** Arguments that change the tables in ways a plain table cannot express. */
const unsupported = ['md-flag', 'qr-flag', 'weighted-pooling'];

/** Switches that take no value. */
const switches = ['arch-interaction-itself', ...unsupported];

/** Arguments that name a data set, which is read if --data-generation does not say otherwise. */
const dataSetOptions = ['data-set', 'raw-data-file', 'processed-data-file'];

const fixedOption = 'num-indices-per-lookup-fixed';

/**
 * The net that an argument string of facebookresearch/dlrm describes, such as
 * `--arch-sparse-feature-size=64 --arch-embedding-size=1000000-1000000 --arch-mlp-bot=13-512-64 ...`; DeepRecSys'
 * underscore spelling and a leading `python dlrm_s_pytorch.py` are read too. As there, the first number of the
 * bottom MLP is the number of dense features and the input of the top MLP is computed, not written. Arguments come
 * before `table_defaults`, which come before the reference's defaults. Arguments about training are passed over.
 * @throws BadArguments naming the argument, for unknown `arch` arguments, bad numbers, unsupported features, and
 *   a data set whose tables are not written out.
 */
export function netFromDlrmArgs({ dlrm_args: text, data_type, table_defaults }: ImportFile): NetFile {
  const given = parseOptions(splitWords(text));
  const value = (option: Option) => given.get(option) ?? defaults[option];
  checkTablesStated(given);
  const [denseFeatures, ...bottom] = numbers(value('arch-mlp-bot'), 'arch-mlp-bot', limits.mlpWidth);
  const rows = numbers(value('arch-embedding-size'), 'arch-embedding-size', limits.rows);
  const [dim] = numbers(
    value('arch-sparse-feature-size'),
    'arch-sparse-feature-size',
    limits.embeddingDim,
    1,
  );
  const kind = value('arch-interaction-op');
  if (kind !== 'dot' && kind !== 'cat') {
    throw new BadArguments(`--arch-interaction-op is dot or cat, got '${kind}'`);
  }
  const itself = given.has('arch-interaction-itself');
  const inherited = { ...table_defaults };
  const ownDim = given.has('arch-sparse-feature-size') || inherited.embedding_dim === undefined;
  return {
    name: 'dlrm',
    dense_features: denseFeatures,
    bottom_mlp: bottom,
    tables: rows.map((num_embeddings, index) => ({
      name: `emb-${index}`,
      num_embeddings,
      ...(ownDim && { embedding_dim: dim }),
      ...lookupsOf(num_embeddings, given, inherited),
    })),
    interaction: kind === 'dot' ? { kind, itself } : { kind },
    top_mlp: numbers(value('arch-mlp-top'), 'arch-mlp-top', limits.mlpWidth),
    ...(data_type && { data_type }),
    ...(table_defaults && { table_defaults }),
  };
}

/** The data set that the arguments read, as they spell it: `--data-generation=dataset`. */
function dataSetOf(given: Map<string, string>): string | undefined {
  const generation = given.get('data-generation');
  const named = dataSetOptions.find((option) => given.has(option));
  if (generation === undefined) return named && `--${named}=${given.get(named)}`;
  return ['dataset', 'internal'].includes(generation) ? `--data-generation=${generation}` : undefined;
}

/** A data set brings its own numbers of rows, whatever the defaults say. */
function checkTablesStated(given: Map<string, string>): void {
  const dataSet = dataSetOf(given);
  if (dataSet === undefined || given.has('arch-embedding-size')) return;
  throw new BadArguments(
    `with ${dataSet} the rows of the tables come from the data set, not from these arguments: ` +
      'state --arch-embedding-size=ROWS-ROWS-... as well, or write the tables yourself under nets',
  );
}

/**
 * Lookups of a table of `rows` rows: as many as the fixed number, as the random data draws, or one where a data
 * set (Criteo's features have one value each) is read and no number is given.
 */
function lookupsOf(
  rows: number,
  given: Map<string, string>,
  inherited: NonNullable<NetFile['table_defaults']>,
): Partial<Lookups> {
  const written = given.get('num-indices-per-lookup');
  if (written === undefined && inherited.pooling_factor !== undefined) return {};
  if (written === undefined && dataSetOf(given) !== undefined) return { pooling_factor: 1 };
  const number = written ?? defaults['num-indices-per-lookup'];
  const [indices] = numbers(number, 'num-indices-per-lookup', limits.poolingFactor, 1);
  if (given.has(fixedOption)) return { pooling_factor: indices };
  return inherited.pooling_distribution
    ? { pooling_factor: randomLookups(rows, indices).pooling_factor }
    : randomLookups(rows, indices);
}

/** Words of a command line; quotes hold a word together and line continuations separate. */
function splitWords(text: string): string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const plain = words.map((word) => word.replace(/["']/g, '')).filter((word) => word !== '\\');
  const open = (text.match(/"/g)?.length ?? 0) % 2 === 1 || (text.match(/'/g)?.length ?? 0) % 2 === 1;
  if (open) throw new BadArguments('a quote is not closed');
  return plain;
}

function parseOptions(words: string[]): Map<string, string> {
  const options = new Map<string, string>();
  for (let index = 0; index < words.length; index++) {
    if (!words[index].startsWith('--')) continue;
    const [spelled, ...rest] = words[index].slice(2).split('=');
    const option = spelled.replaceAll('_', '-');
    if (unsupported.includes(option)) throw new BadArguments(`--${spelled} is not supported`);
    const known = [...Object.keys(defaults), ...switches, fixedOption];
    if (option.startsWith('arch-') && !known.includes(option)) {
      throw new BadArguments(`unknown argument --${spelled}${didYouMean(option, known)}`);
    }
    const next = words[index + 1];
    const separate =
      rest.length === 0 && !switches.includes(option) && next !== undefined && !next.startsWith('--');
    if (Object.hasOwn(defaults, option) && rest.length === 0 && !separate) {
      throw new BadArguments(`--${spelled} needs a value`);
    }
    options.set(option, separate ? words[++index] : rest.join('='));
  }
  const fixed = options.get(fixedOption) ?? '';
  if (/^(false|0|no)$/i.test(fixed)) {
    throw new BadArguments(`the reference reads --${fixedOption}=${fixed} as true; leave it out`);
  }
  if (options.size === 0) throw new BadArguments("expected arguments such as '--arch-mlp-bot=13-512-256-64'");
  return options;
}

/** Dash-separated whole numbers from 1. */
function numbers(text: string, option: string, max: number, count?: number): number[] {
  const values = text.split('-').map((digits) => (/^\d+$/.test(digits) ? Number(digits) : Number.NaN));
  const expected = count === 1 ? 'a whole number' : "whole numbers such as '512-256-64'";
  if (
    values.some((value) => !(value >= 1 && value <= max)) ||
    (count !== undefined && values.length !== count)
  ) {
    const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
    throw new BadArguments(`--${option} expects ${expected} from 1 to ${max}, got '${shown}'`);
  }
  return values;
}
