const TEXT = new Set(
  'MLmodel txt log err cfg conf cnf cf ini properties prop hocon toml yaml yml xml json js py py3 csv tsv md rst ipynb'.split(
    ' ',
  ),
);
/** Packings are not the type of what is in them. */
const PACKED = /\.(gz|z|bz2|xz|br)$/i;
const others: Partial<Record<string, string>> = {
  htm: 'text/html',
  html: 'text/html',
  css: 'text/css',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  bmp: 'image/bmp',
  tiff: 'image/tiff',
  pdf: 'application/pdf',
  zip: 'application/zip',
  tar: 'application/x-tar',
  mp3: 'audio/mpeg',
  wav: 'audio/x-wav',
  mp4: 'video/mp4',
  webm: 'video/webm',
};

/** As MLflow guesses them: text for what people read, bytes for everything unknown. */
export const contentTypeOf = (name: string): string => {
  const ending = endingOf(name);
  if (TEXT.has(ending === '' ? name : ending)) return 'text/plain';
  const inner = endingOf(name.replace(PACKED, '')).toLowerCase();
  if (inner !== '' && TEXT.has(inner)) return inner === 'json' ? 'application/json' : 'text/plain';
  return others[inner] ?? 'application/octet-stream';
};

/** A dot at the beginning hides a file; it begins no ending. */
const endingOf = (name: string): string => (name.lastIndexOf('.') > 0 ? name.slice(name.lastIndexOf('.') + 1) : '');
