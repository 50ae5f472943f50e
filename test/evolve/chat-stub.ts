import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: { model: string; messages: { role: string; content: string }[]; [more: string]: unknown };
}

/** What the stub does with a request. */
export type Reply = (response: ServerResponse, asked: Asked) => void;

/**
 * Runs `use` with a server on this machine that speaks like a chat endpoint: each request gets the next reply, the last one
 * for ever.
 */
export async function withChat<Answer>(
  replies: readonly Reply[],
  use: (baseUrl: string, asked: Asked[]) => Promise<Answer>,
): Promise<Answer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const own = { path: request.url ?? '', headers: request.headers, body: JSON.parse(text) };
      asked.push(own);
      replies[Math.min(asked.length, replies.length) - 1](response, own);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A chat completion with a text, and what it cost. */
export function says(content: string, { finish = 'stop', usage = true as boolean | object } = {}): Reply {
  const cost = usage === true ? { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 } : usage;
  return (response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        id: 'x',
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finish }],
        ...(cost && { usage: cost }),
      }),
    );
  };
}

export function fails(status: number, message: string, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error: { message, type: 'stub' } }));
  };
}

/** Half of an answer: a body that ends early, with the length of the whole, or without. */
export function truncates({ breaks }: { breaks: boolean }): Reply {
  return (response) => {
    const text = '{"choices": [{"message": {"content": "```cuda\\nint';
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(breaks && { 'content-length': '5000' }),
    });
    response.write(text, () => (breaks ? response.destroy() : response.end()));
  };
}

export const isSilent: Reply = () => {};
