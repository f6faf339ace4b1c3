import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bornOf, endProcess, identityOf, isAlive } from './process-identity.js';
import { clearLeftovers, RunNotes, userOf } from './run-notes.js';
import { startServer } from './server-program.js';

let cacheDir: string;
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'baton-notes-'));
});
afterEach(() => {
  rmSync(cacheDir, { recursive: true, force: true });
});

const program = (script: string, ready: () => Promise<boolean>) => ({
  name: 'The server',
  command: process.execPath,
  args: ['-e', script],
  cwd: cacheDir,
  logFile: join(cacheDir, 'server.log'),
  signal: 'SIGTERM' as const,
  ready,
});
const runForEver = 'setInterval(() => undefined, 1000)';

/** A note as a run leaves it that was killed: its owner has gone, its server has not. */
const noteOfKilledRun = async (): Promise<{ server: number; dataDir: string }> => {
  const owner = spawn(process.execPath, ['-e', '']);
  const ownerIdentity = identityOf(owner.pid ?? 0);
  await once(owner, 'exit');
  const server = spawn(process.execPath, ['-e', runForEver], { detached: true, stdio: 'ignore' });
  const dataDir = join(cacheDir, 'data');
  mkdirSync(dataDir);
  mkdirSync(join(cacheDir, 'runs'));
  const servers = [{ process: identityOf(server.pid ?? 0), signal: 'SIGTERM' }];
  const note = { owner: ownerIdentity, dataDir, temporary: true, servers };
  writeFileSync(join(cacheDir, 'runs', 'killed.json'), JSON.stringify(note));
  return { server: server.pid ?? 0, dataDir };
};

describe('servers of a run', () => {
  it('of a killed run are ended by the next start, with its temporary folder and its note', async () => {
    const { server, dataDir } = await noteOfKilledRun();
    expect(bornOf(server)).toBeDefined();
    expect(await clearLeftovers(cacheDir)).toBe(1);
    expect(bornOf(server)).toBeUndefined();
    expect(existsSync(dataDir)).toBe(false);
    expect(readdirSync(join(cacheDir, 'runs'))).toEqual([]);
  });

  it('of a living run are left alone, and its folder is known to be in use', async () => {
    const notes = new RunNotes(cacheDir, join(cacheDir, 'mine'), false);
    const stop = await startServer(
      program(runForEver, () => Promise.resolve(true)),
      notes,
    );
    expect(await clearLeftovers(cacheDir)).toBe(0);
    expect(userOf(cacheDir, join(cacheDir, 'mine'))).toBe(process.pid);
    await stop();
    notes.close();
    expect(userOf(cacheDir, join(cacheDir, 'mine'))).toBeUndefined();
  });

  it('are ended by force when they do not heed the signal', async () => {
    const child = spawn(process.execPath, [
      '-e',
      `process.on('SIGTERM', () => undefined); console.log('on'); ${runForEver}`,
    ]);
    await once(child.stdout, 'data');
    const one = identityOf(child.pid ?? 0);
    await endProcess(one, 'SIGTERM', 200);
    expect(isAlive(one)).toBe(false);
  });

  it('that end at once are an error with their last words', async () => {
    const notes = new RunNotes(cacheDir, cacheDir, false);
    const broken = program("console.error('no such port'); process.exit(3)", () => Promise.resolve(false));
    await expect(startServer(broken, notes)).rejects.toThrow(/ended with code 3[^]*no such port/);
    notes.close();
  });

  it('are told from strangers that got their number', () => {
    expect(isAlive({ pid: process.pid, born: 'long ago' })).toBe(false);
  });
});
