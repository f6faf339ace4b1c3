import type { ModelRegistered, TrainingRequested } from '#contracts';
import type { RecipeCatalogue } from './recipe-catalogue.js';

/** Id of the recipe that makes ONNX of pickles; where it is not declared, nothing is converted. */
export const CONVERTER = 'convert-sklearn';
/** Their runs are of no interest among those of the model. */
const EXPERIMENT = 'model-conversions';

/** Asks for a training, as any producer does. */
export abstract class TrainingWishes {
  /** The same id is the same request, however often it is asked. */
  abstract ask(id: string, request: TrainingRequested): Promise<void>;
}

/** Has a version that was logged as a pickle converted, so that it can be served: by a job like any other, in the sandbox of its recipe. */
export class ConvertModel {
  constructor(
    private readonly catalogue: RecipeCatalogue,
    private readonly wishes: TrainingWishes,
  ) {}

  /** @param eventId of the registration: heard again, it is the same conversion */
  async execute(eventId: string, registered: ModelRegistered): Promise<void> {
    const isDeclared = this.catalogue.recipes().some(({ id }) => id === CONVERTER);
    if (isDeclared && isConvertible(registered)) await this.wishes.ask(`convert-${eventId}`, conversionOf(registered));
  }
}

/** What has an ONNX flavor and can't be served is broken, and its author's to mend. */
export const isConvertible = ({ servable, flavors = [] }: ModelRegistered): boolean =>
  !servable && flavors.includes('sklearn') && !flavors.includes('onnx');

const conversionOf = ({ model, version }: ModelRegistered): TrainingRequested => ({
  model,
  recipe: CONVERTER,
  parameters: { version },
  experiment: EXPERIMENT,
  register: false,
  promote: 'policy',
  tags: {},
});
