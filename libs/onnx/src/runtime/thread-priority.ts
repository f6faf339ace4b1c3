import { constants, getPriority, setPriority } from 'node:os';

/** Of the calling thread: on Linux the nice value is each thread's own, elsewhere it is the whole process's. */
const THIS_THREAD = 0;
/** At this distance a thread that serves gets ten times the processor time, and one that loads still a tenth of it. */
const STEPS_BACK = 10;

/**
 * Lets the calling thread step back behind the others of its process while it does what nobody waits for. Only where it may come
 * forward again, which the system has to allow (CAP_SYS_NICE, or RLIMIT_NICE): a thread that stayed behind would serve slowly for ever.
 */
export class ThreadPriority {
  private readonly usual: number | undefined;

  constructor(private readonly platform: NodeJS.Platform = process.platform) {
    this.usual = this.find();
  }

  /** Does nothing where the thread could not come forward again. */
  stepBack(back: boolean): void {
    if (this.usual === undefined) return;
    setPriority(THIS_THREAD, back ? Math.min(this.usual + STEPS_BACK, constants.priority.PRIORITY_LOW) : this.usual);
  }

  /** Found out by trying: a thread that may not come back is left one step behind, which nobody notices. */
  private find(): number | undefined {
    if (this.platform !== 'linux') return undefined;
    const usual = getPriority(THIS_THREAD);
    if (usual >= constants.priority.PRIORITY_LOW) return undefined;
    try {
      setPriority(THIS_THREAD, usual + 1);
      setPriority(THIS_THREAD, usual);
      return usual;
    } catch {
      return undefined;
    }
  }
}
