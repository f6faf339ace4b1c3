import type { ModelDeployed } from '#contracts';

/** Tells the fleet what this replica serves. Never fails: serving goes before telling. */
export abstract class Deployments {
  /** Returns at once; the latest state is told as soon as the bus takes it. */
  abstract changed(state: ModelDeployed): void;
  /** Says that this replica serves nothing any more; waits a moment for the bus and no longer. */
  abstract leave(): Promise<void>;
}
