import { InputError } from '../foundation/problem.ts';
import { parseRedisUrl, type RedisAddress } from '../sweep/redis-address.ts';

/** Where the URL may stand instead, so that no list of processes shows the password. */
const variable = 'RANKFLEET_REDIS';

/**
 * The server that `--redis` names, or the environment.
 * @throws InputError when neither does, or it is no URL of one
 */
export function redisAddress(option: string | undefined): RedisAddress {
  if (option !== undefined) return parseRedisUrl(option, '--redis');
  const text = process.env[variable];
  if (text) return parseRedisUrl(text, variable);
  throw new InputError(`which Redis? Say --redis redis://host:6379, or set ${variable}`);
}
