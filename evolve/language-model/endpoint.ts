import { InputError } from '../../foundation/problem.ts';

/** A chat endpoint in OpenAI's format. */
export interface Endpoint {
  /** Without a slash at its end: `http://127.0.0.1:8000/v1`. */
  baseUrl: string;
  /** Local servers mostly need none. It is sent to the endpoint and shown nowhere. */
  apiKey?: string;
  model: string;
}

const usualBaseUrl = 'https://api.openai.com/v1';

/**
 * The endpoint that the environment names, as other programs have it.
 * @param environment OPENAI_BASE_URL, OPENAI_API_KEY
 * @throws InputError that does not repeat what it was given, since a key may stand in the wrong place
 */
export function endpointOf(
  environment: Readonly<Record<string, string | undefined>>,
  model: string,
): Endpoint {
  const { OPENAI_BASE_URL: base, OPENAI_API_KEY: apiKey } = environment;
  const address = base || usualBaseUrl;
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    throw new InputError('OPENAI_BASE_URL: expected an address such as http://127.0.0.1:8000/v1');
  }
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') {
    throw new InputError('OPENAI_BASE_URL: a key belongs in OPENAI_API_KEY, not in the address');
  }
  if (apiKey !== undefined && /[^\x21-\x7e]/.test(apiKey)) {
    throw new InputError('OPENAI_API_KEY: holds a space or a character that no key has');
  }
  if (model.trim() === '') throw new InputError('--model: expected the name of a model of the endpoint');
  return { baseUrl: url.href.replace(/\/+$/, ''), ...(apiKey && { apiKey }), model };
}

/** A text without the key, whoever put it there. */
export function withoutKey(text: string, { apiKey }: Pick<Endpoint, 'apiKey'>): string {
  return apiKey ? text.replaceAll(apiKey, '<key>') : text;
}
