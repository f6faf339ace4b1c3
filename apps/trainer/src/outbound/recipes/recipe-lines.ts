import { StringDecoder } from 'node:string_decoder';

const LONGEST_LINE = 16_384;

/** Cuts what a program prints into lines. One without an end is cut where it gets too long, so that it takes no memory. */
export class RecipeLines {
  private readonly decoder = new StringDecoder('utf8');
  private begun = '';

  /** The lines that these bytes end. */
  add(bytes: Buffer): string[] {
    const parts = (this.begun + this.decoder.write(bytes)).split(/\r\n|[\n\r]/);
    this.begun = parts.pop() ?? '';
    const lines = parts.flatMap(cut);
    while (this.begun.length > LONGEST_LINE) {
      lines.push(this.begun.slice(0, LONGEST_LINE));
      this.begun = this.begun.slice(LONGEST_LINE);
    }
    return lines;
  }

  /** What was begun when the program ended. */
  end(): string[] {
    const last = this.begun + this.decoder.end();
    this.begun = '';
    return last === '' ? [] : cut(last);
  }
}

const cut = (line: string): string[] => {
  if (line.length <= LONGEST_LINE) return [line];
  const pieces: string[] = [];
  for (let at = 0; at < line.length; at += LONGEST_LINE) pieces.push(line.slice(at, at + LONGEST_LINE));
  return pieces;
};
