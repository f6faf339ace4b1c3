const adjectives = [
  'able',
  'bold',
  'calm',
  'deft',
  'eager',
  'fair',
  'gentle',
  'hardy',
  'keen',
  'lively',
  'merry',
  'nimble',
  'patient',
  'quick',
  'steady',
  'wise',
];
const nouns = [
  'auk',
  'crane',
  'dove',
  'egret',
  'finch',
  'gull',
  'heron',
  'ibis',
  'jay',
  'kite',
  'lark',
  'martin',
  'owl',
  'plover',
  'rook',
  'swift',
];

/** A name for a run that was given none: adjective-noun-number, as MLflow makes them. */
export const runNameOf = (random: () => number): string => {
  const one = (words: readonly string[]): string => words[Math.floor(random() * words.length)];
  return `${one(adjectives)}-${one(nouns)}-${String(Math.floor(random() * 1000))}`;
};
