/** An error told to the person at the terminal as it stands; the exit code is 2 when the command was written wrongly. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    sentence: string,
    readonly exitCode: 1 | 2 = 1,
    options?: ErrorOptions,
  ) {
    super(sentence, options);
  }
}
