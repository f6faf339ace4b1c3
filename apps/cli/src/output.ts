/** What a command prints: with `--json` the value as it is, one per line; without, lines for people. */
export class Output {
  constructor(
    private readonly json: boolean,
    private readonly write: (text: string) => void = (text) => process.stdout.write(text),
    private readonly writeNote: (text: string) => void = (text) => process.stderr.write(text),
  ) {}

  value(value: unknown, forPeople: () => string): void {
    this.write(`${this.json ? JSON.stringify(value) : forPeople()}\n`);
  }

  /** Progress and hints; never on stdout, so that a script reads values only. */
  note(sentence: string): void {
    this.writeNote(`${sentence}\n`);
  }
}

/** Columns as wide as their longest cell. Control characters are shown, not sent to the terminal. */
export const table = (heads: string[], rows: unknown[][], whenEmpty: string): string => {
  if (rows.length === 0) return whenEmpty;
  const lines = [heads, ...rows.map((row) => row.map(cell))];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const cell = (value: unknown): string =>
  printable(value === null || value === undefined ? '-' : typeof value === 'string' ? value : JSON.stringify(value));

/** Text from elsewhere may hold escape sequences: a terminal must not obey them. */
export const printable = (text: string): string =>
  text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
