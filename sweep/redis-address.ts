import { InputError } from '../foundation/problem.ts';

/** Where a Redis server is. */
export interface RedisAddress {
  /** As the drivers take it, password included. */
  url: string;
  /** Without user and password: for messages. */
  shown: string;
}

const expected = 'expected redis://[user:password@]host[:port][/database], or rediss:// for TLS';

/**
 * Reads the URL of a Redis server.
 * @param option how the user named it, as `--redis`
 * @throws InputError when it is no such URL; the message never holds the password
 */
export function parseRedisUrl(text: string, option: string): RedisAddress {
  const wrong = (why: string) => new InputError(`${option} ${withoutPassword(text)}: ${why}; ${expected}`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    const hint = text.includes('@')
      ? ' (special characters of a password are written as %40 and the like)'
      : '';
    throw wrong(`is no URL${hint}`);
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') throw wrong('is no URL of a Redis server');
  if (url.hostname === '') throw wrong('names no host');
  const database = /^\/?(\d*)$/.exec(url.pathname)?.[1];
  if (database === undefined) throw wrong(`'${url.pathname.slice(1)}' is no number of a database`);
  const port = url.port === '' ? '6379' : url.port;
  const path = Number(database) === 0 ? '' : `/${Number(database)}`;
  return { url: text, shown: `${url.protocol}//${url.hostname}:${port}${path}` };
}

function withoutPassword(text: string): string {
  return text.replace(/^([a-z]+:\/\/)?.*@/i, '$1…@');
}
