import { readFileSync } from 'node:fs';

const EVERY_MS = 100;

/** @throws Error when there is no such process any more. */
export const residentMb = (pid: number): number => {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`Process ${String(pid)} has ended.`);
  return Math.round(Number(kilobytes) / 1024);
};

/** Samples the resident memory of a process (Linux). */
export class MemoryWatch {
  private readonly samplesMb: number[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.sample();
    this.timer = setInterval(() => {
      this.sample();
    }, EVERY_MS);
  }

  end(): void {
    clearInterval(this.timer);
    this.sample();
  }

  seen(): { firstMb: number; largestMb: number; lastMb: number } {
    return {
      firstMb: this.samplesMb[0],
      largestMb: Math.max(...this.samplesMb),
      lastMb: this.samplesMb[this.samplesMb.length - 1],
    };
  }

  private sample(): void {
    this.samplesMb.push(residentMb(this.pid));
  }
}
