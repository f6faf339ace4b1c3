/** What a recipe logged by itself: a version that it registered, or else a logged model. */
export type LoggedModelRef = { model: string; version: number } | { loggedModelId: string };

/** The ONNX file of a logged model on this machine. Weights that it keeps in files beside it lie beside it. */
export interface FetchedModel {
  path: string;
  /** Of all that was brought. */
  sizeBytes: number;
  /** How many columns its signature names. */
  columns?: number;
  /** The file of its input example, as it is sent to a server. */
  example?: string;
}
