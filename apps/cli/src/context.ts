import type { Command } from 'commander';
import { readSettings } from '#runtime';
import type { EventBus } from '#messaging';
import { busSettings, registryUrl } from './connection.js';
import { Output } from './output.js';
import { RegistryClient } from './registry.client.js';

interface GlobalFlags {
  registry?: string;
  json?: boolean;
  dataDir: string;
}

/** What every command works with, from the flags that all of them take. */
export class Context {
  readonly output: Output;
  private readonly flags: GlobalFlags;

  constructor(command: Command) {
    this.flags = command.optsWithGlobals<GlobalFlags>();
    this.output = new Output(this.flags.json ?? false);
  }

  get client(): RegistryClient {
    return new RegistryClient(registryUrl(this.flags.registry, readSettings(), this.flags.dataDir));
  }

  /** Lends the bus to `work` and closes it. Loaded here, because most commands never need it and it takes long to load. */
  async withBus<T>(work: (bus: EventBus) => Promise<T>): Promise<T> {
    const settings = busSettings(readSettings(), this.flags.dataDir);
    const [{ eventBusFrom }, { JsonLogger }] = await Promise.all([import('#messaging/nest'), import('#runtime')]);
    const bus = await eventBusFrom(settings, new JsonLogger('baton', 'warn'));
    try {
      return await work(bus);
    } finally {
      await bus.close();
    }
  }
}

/** Adapts a function of the context to commander, which passes the command last. */
export const withContext =
  <A extends unknown[]>(run: (context: Context, ...args: A) => Promise<void>) =>
  async (...args: [...A, Command]): Promise<void> => {
    const command = args[args.length - 1] as Command;
    await run(new Context(command), ...(args.slice(0, -1) as A));
  };
