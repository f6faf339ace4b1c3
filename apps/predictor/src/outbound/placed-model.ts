import type { TensorSpec } from '#contracts';
import type { SessionThread, ThreadSession } from '#onnx/runtime';
import { messageOf, type Logger } from '#runtime';
import type { HostedModel, Lane, Proof } from '../core/model-host.js';
import { headroomBytes } from '../core/memory-budget.js';
import { Pace, elementsOf } from '../core/pace.js';
import { isSmall, mostLanes } from '../core/placement.js';
import { SharedLane } from '../core/shared-lane.js';
import type { Turns } from '../core/turns.js';
import { runAside } from './run-aside.js';
import type { SharedThreads } from './shared-threads.js';
import type { SpareThreads } from './spare-threads.js';

/** Takes so much room in memory; undefined when there is none now. */
export type Room = (neededBytes: number) => Promise<(() => void) | undefined>;

/** What a model needs of the house it lives in. */
export interface House {
  readonly spares: SpareThreads;
  readonly shared: SharedThreads;
  readonly workers: number;
  readonly room: Room;
  /** Whose turn it is to run aside. */
  readonly asides: Turns;
  readonly logger: Logger;
}

/** The thread on which a model was opened and is proven; `done` lets the next load begin. */
export interface Trial {
  readonly thread: SessionThread;
  readonly session: ThreadSession;
  readonly sizeBytes: number;
  /** What a session of it may take at its peak. */
  readonly ownBytes: number;
  /** The file once more, when it is small: fresh from the store it may not be on the disk yet. */
  readonly copy: Uint8Array | undefined;
  readonly done: () => void;
}

/** Where a further lane could not be had, it is not asked for again at every request. */
const NO_LANE_FOR_MS = 10_000;

interface Place extends Lane {
  readonly thread: SessionThread;
  readonly session: ThreadSession;
  /** Gives the thread back after the session was closed. */
  readonly leave: () => void;
}

/**
 * A model that begins on a thread of its own. Once it is proven and found small it moves to the shared threads; if not, the thread
 * stays its own. It takes further lanes as it needs them, and others for those that are lost.
 */
export class PlacedModel implements HostedModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly isRowWise: boolean;
  readonly lost: Promise<Error>;
  private places: readonly Place[];
  private listener: () => void = () => undefined;
  private lose: (error: Error) => void = () => undefined;
  private proof: Proof | undefined;
  private small = false;
  private copy: Uint8Array | undefined;
  /** At most one lane is opened at a time. */
  private opening: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private readonly pace = new Pace();
  private noLaneUntilMs = 0;

  constructor(
    private readonly trial: Trial,
    private readonly again: () => Promise<Uint8Array | undefined>,
    private readonly house: House,
  ) {
    const { session, thread, copy } = trial;
    this.copy = copy;
    this.inputs = session.inputs;
    this.outputs = session.outputs;
    this.isRowWise = session.isRowWise;
    this.lost = new Promise((lose) => (this.lose = lose));
    this.places = [
      this.placeOn(thread, session, () => {
        house.spares.giveBack(thread);
      }),
    ];
  }

  get lanes(): readonly Lane[] {
    return this.places;
  }

  onLanes(listener: () => void): void {
    this.listener = listener;
  }

  settle(proof: Proof): void {
    this.proof = proof;
    const { sizeBytes, thread, done } = this.trial;
    // From here on it serves.
    thread.stepBack(false);
    this.small = isSmall({ sizeBytes, batchMs: proof.batchMs });
    if (this.small) void this.open(() => this.move()).finally(done);
    else this.stay();
  }

  widen(): void {
    if (this.proof === undefined || this.opening !== undefined || this.closing !== undefined) return;
    if (performance.now() < this.noLaneUntilMs) return;
    if (this.places.length >= mostLanes(this.trial.sizeBytes, this.house.workers)) return;
    void this.open(() => this.add());
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      await this.opening;
      const { places } = this;
      this.places = [];
      await Promise.all(places.map((place) => leave(place)));
      this.trial.done();
      this.house.spares.refill();
    })();
    return this.closing;
  }

  /** The thread it was proven on is its own. */
  private stay(): void {
    this.small = false;
    this.copy = undefined;
    this.trial.done();
    this.house.spares.refill();
  }

  /** From the thread it was proven on to a shared one; nobody waits meanwhile. */
  private async move(): Promise<void> {
    const [proven] = this.places;
    let moved = false;
    try {
      moved = await this.add();
    } finally {
      this.copy = undefined;
      if (!moved) this.stay();
    }
    if (!moved) return;
    this.become(this.places.filter((place) => place !== proven));
    await leave(proven);
  }

  /** One more lane, warmed up; false when there is no place for it. */
  private async add(): Promise<boolean> {
    const { room, logger } = this.house;
    // The shared threads are there already.
    const giveBack = await room(this.trial.ownBytes + (this.small ? 0 : headroomBytes));
    if (giveBack === undefined) {
      this.noLaneUntilMs = performance.now() + NO_LANE_FOR_MS;
      logger.warn('There is no memory for a further thread of a model; it stays with those it has.');
      return false;
    }
    try {
      const found = await this.findThread();
      if (found === undefined) return false;
      await this.openOn(found);
      return true;
    } finally {
      giveBack();
    }
  }

  private async openOn({ thread, leave }: { thread: SessionThread; leave: () => void }): Promise<void> {
    try {
      const session = await thread.open(await this.file(), { move: true });
      if (this.proof !== undefined) {
        const example = this.proof.example();
        const elements = elementsOf(example);
        this.pace.learn(elements, (await session.run(example)).tookMs);
      }
      thread.stepBack(false);
      this.become([...this.places, this.placeOn(thread, session, leave, this.small)]);
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** @throws Error when it is nowhere any more */
  private async file(): Promise<Uint8Array> {
    const bytes = this.copy ?? (await this.again());
    if (bytes === undefined) throw new Error('its file is no longer on the disk');
    return bytes;
  }

  private async findThread(): Promise<{ thread: SessionThread; leave: () => void } | undefined> {
    const { spares, shared } = this.house;
    if (this.small) return shared.join(this.places.map(({ thread }) => thread));
    const thread = await spares.take();
    thread.stepBack(true);
    return {
      thread,
      leave: () => {
        spares.giveBack(thread);
      },
    };
  }

  private placeOn(thread: SessionThread, session: ThreadSession, leave: () => void, isShared = false): Place {
    const lane: Lane = isShared ? this.sharedLane(session) : session;
    const place: Place = { thread, session, leave, run: (inputs, names, demand) => lane.run(inputs, names, demand) };
    void thread.lost.then((error) => {
      this.drop(place, error);
    });
    return place;
  }

  private sharedLane(session: ThreadSession): Lane {
    const isSeparable = (this.proof?.rows ?? 1) > 1;
    return new SharedLane({
      session,
      pace: this.pace,
      isSeparable,
      aside: (run, demand) => runAside(this.house, () => this.file(), run, demand),
    });
  }

  /** A lane whose thread died is replaced; without any the model is lost. */
  private drop(place: Place, error: Error): void {
    if (!this.places.includes(place)) return;
    place.leave();
    this.become(this.places.filter((other) => other !== place));
    if (this.closing !== undefined) return;
    this.house.logger.error('A worker of a model ended.', { lanesLeft: this.places.length, error });
    if (this.places.length > 0) this.widen();
    else this.lose(error);
  }

  private become(places: readonly Place[]): void {
    this.places = places;
    this.listener();
  }

  private open(work: () => Promise<unknown>): Promise<void> {
    const opened = work()
      .then(
        () => undefined,
        (error: unknown) => {
          this.noLaneUntilMs = performance.now() + NO_LANE_FOR_MS;
          this.house.logger.warn(`A model got no further thread: ${messageOf(error)}`, { error });
        },
      )
      .finally(() => (this.opening = undefined));
    this.opening = opened;
    return opened;
  }
}

/** The calls made before end first. */
const leave = async ({ session, leave: giveBack }: Place): Promise<void> => {
  try {
    await session.close();
  } finally {
    giveBack();
  }
};
