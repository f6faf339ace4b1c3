import { messageOf } from '#runtime';

/** What the reader of protobuf says of bytes that are something else; our own sentences name the limit or part that is wrong. */
const broken =
  /^(invalid (varint|end group)|illegal tag|cant skip|premature EOF|index out of range|field \d+ has wire type|The encoded data)/i;

/** Why a file could not be read, to follow "The ONNX file can't be used: ". */
export const whyUnreadable = (error: unknown): string => {
  const message = messageOf(error);
  return broken.test(message) ? `this is no ONNX file (${message})` : message;
};
