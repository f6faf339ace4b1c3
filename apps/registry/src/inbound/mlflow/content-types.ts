const TEXT = ['', 'mlmodel', 'yaml', 'yml', 'json', 'csv', 'txt', 'md', 'log', 'py'];
const others: Partial<Record<string, string>> = {
  html: 'text/html',
  png: 'image/png',
  jpg: 'image/jpeg',
  svg: 'image/svg+xml',
};

/** As MLflow guesses them: text for what people read, bytes for everything unknown. */
export const contentTypeOf = (name: string): string => {
  const ending = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : name.toLowerCase();
  if (ending !== '' && TEXT.includes(ending)) return 'text/plain; charset=utf-8';
  return others[ending] ?? 'application/octet-stream';
};
