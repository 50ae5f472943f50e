import { didYouMean } from '../foundation/near-name.ts';
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

/**
 * The net that an argument string of facebookresearch/dlrm describes, such as
 * `--arch-sparse-feature-size=64 --arch-embedding-size=1000000-1000000 --arch-mlp-bot=13-512-64 ...`; DeepRecSys'
 * underscore spelling and a leading `python dlrm_s_pytorch.py` are read too. As there, the first number of the
 * bottom MLP is the number of dense features and the input of the top MLP is computed, not written. The number of
 * indices per lookup is taken as the pooling factor (without --num-indices-per-lookup-fixed the reference's
 * random data draws up to that many). Arguments about data and training are passed over.
 * @throws BadArguments naming the argument, for unknown `arch` arguments, bad numbers and unsupported features.
 */
export function netFromDlrmArgs({ dlrm_args: text, data_type, table_defaults }: ImportFile): NetFile {
  const given = parseOptions(splitWords(text));
  const value = (option: Option) => given.get(option) ?? defaults[option];
  const [denseFeatures, ...bottom] = numbers(value('arch-mlp-bot'), 'arch-mlp-bot', limits.mlpWidth);
  const rows = numbers(value('arch-embedding-size'), 'arch-embedding-size', limits.rows);
  const [dim] = numbers(
    value('arch-sparse-feature-size'),
    'arch-sparse-feature-size',
    limits.embeddingDim,
    1,
  );
  const [pooling] = numbers(
    value('num-indices-per-lookup'),
    'num-indices-per-lookup',
    limits.poolingFactor,
    1,
  );
  const kind = value('arch-interaction-op');
  if (kind !== 'dot' && kind !== 'cat') {
    throw new BadArguments(`--arch-interaction-op is dot or cat, got '${kind}'`);
  }
  const itself = given.has('arch-interaction-itself');
  return {
    name: 'dlrm',
    dense_features: denseFeatures,
    bottom_mlp: bottom,
    tables: [
      { group: 'emb', count: rows.length, num_embeddings: rows, embedding_dim: dim, pooling_factor: pooling },
    ],
    interaction: kind === 'dot' ? { kind, itself } : { kind },
    top_mlp: numbers(value('arch-mlp-top'), 'arch-mlp-top', limits.mlpWidth),
    ...(data_type && { data_type }),
    ...(table_defaults && { table_defaults }),
  };
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
    const known = [...Object.keys(defaults), ...switches, 'num-indices-per-lookup-fixed'];
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
