import { PlatformError } from '#runtime';

/**
 * JSON, whatever it is called, and what says nothing of the content: curl's form, which people send who forget the header, and the bytes that
 * clients of the Open Inference Protocol send, with JSON in front or alone.
 */
const TAKEN = /^(?:application\/(?:(?:[\w.-]+\+)?json|x-www-form-urlencoded|octet-stream)[\t ]*(?:;|$)|$)/i;

/** Without a content type, a body is taken for JSON. @throws PlatformError CONTENT_TYPE_UNSUPPORTED */
export const checkContentType = (type: string | undefined): void => {
  if (type === undefined || type === 'application/json' || TAKEN.test(type)) return;
  const said = type.length > 80 ? `${type.slice(0, 80)}…` : type;
  throw new PlatformError(
    'CONTENT_TYPE_UNSUPPORTED',
    `The content type "${said}" is not taken; send application/json, or application/octet-stream where binary tensors are sent.`,
  );
};
