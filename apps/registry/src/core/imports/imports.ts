import type {
  ImportedExperiment,
  ImportExperiment,
  ImportLoggedModel,
  ImportModel,
  ImportRun,
  ImportVersion,
} from '#contracts';
import type { Lifecycle } from '../experiments.js';
import type { Frozen } from '../registered-models.js';

/**
 * Rows with the ids, numbers and times that they had elsewhere. Each method writes what is missing and says whether it
 * did; what is there under the same id, but is another thing, is refused. Errors: CONFLICT.
 */
export abstract class Imports {
  /** Takes the id when it is free, else a new one. The same name and time of creation are the same experiment. */
  abstract experiment(id: string, experiment: ImportExperiment): Promise<ImportedExperiment>;
  /** Without its data. A run that had not ended here takes status and end as they are now: then, too, it says true. */
  abstract run(id: string, run: ImportRun, artifactUri: string): Promise<boolean>;
  /** Runs `work` while the run is active, and leaves it as it was. */
  abstract withActiveRun(id: string, work: () => Promise<void>): Promise<void>;
  abstract setRunLifecycle(id: string, lifecycle: Lifecycle): Promise<void>;
  /** Without its tags and params. */
  abstract loggedModel(id: string, model: ImportLoggedModel, artifactUri: string): Promise<boolean>;
  /** One that was pending here takes its status as it is now; its files have come meanwhile. */
  abstract finishLoggedModel(id: string, model: ImportLoggedModel): Promise<void>;
  /** Puts back the times that writing tags has moved. */
  abstract stampLoggedModel(id: string, model: ImportLoggedModel): Promise<void>;
  /** Without its tags. */
  abstract model(name: string, model: ImportModel): Promise<boolean>;
  abstract stampModel(name: string, model: ImportModel): Promise<void>;
  /** Without its tags and aliases; the next version of the name gets a number above it. */
  abstract version(name: string, version: number, given: ImportVersion, frozen: Frozen): Promise<boolean>;
  abstract hasVersion(name: string, version: number): Promise<boolean>;
  abstract stampVersion(name: string, version: number, given: ImportVersion): Promise<void>;
}
