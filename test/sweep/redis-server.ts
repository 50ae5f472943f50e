import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** Whether this machine can run a Redis server. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** A Redis server of a test's own: own port, own folder, nothing kept. */
export class RedisServer {
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly folder: string;

  static async start(...options: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.isUp();
    return server;
  }

  private constructor(port: number, options: string[]) {
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), 'rankfleet-redis-'));
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    this.child = spawn('redis-server', [...args, ...options], { stdio: 'ignore' });
  }

  /** One of its databases, which tests use at the same time without seeing each other. */
  url(database = 0): string {
    return `redis://127.0.0.1:${this.port}/${database}`;
  }

  /** Runs `use` with a client of one of its databases. */
  async ask<Answer>(database: number, use: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    const redis = new Redis(this.url(database));
    try {
      return await use(redis);
    } finally {
      redis.disconnect();
    }
  }

  stop(): void {
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async isUp(): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const socket = connect(this.port, '127.0.0.1');
      const isUp = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      });
      socket.destroy();
      if (isUp) return;
      await setTimeout(25);
    }
    this.stop();
    throw new Error(`redis-server does not listen on port ${this.port}`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
