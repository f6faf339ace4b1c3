/**
 * Offers a file by its name. What is not ASCII goes percent-encoded into `filename*`, beside a plain name for those who
 * don't know that; quotes and backslashes are escaped. Paths hold no control characters, so no name can end the header.
 */
export const attachment = (name: string): string => {
  if (/^[\x20-\x7e]*$/.test(name)) return `attachment; filename=${quoted(name)}`;
  const plain = name.normalize('NFKD').replace(/[^\x20-\x7e]/g, '') || 'download';
  return `attachment; filename=${quoted(plain)}; filename*=UTF-8''${encoded(name)}`;
};

const quoted = (name: string): string =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(name) ? name : `"${name.replace(/["\\]/g, (char) => `\\${char}`)}"`;

const encoded = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
