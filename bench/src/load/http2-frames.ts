/** Frames of HTTP/2 (RFC 9113), as far as a client needs them that does as little as one can. */
export const frameType = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 };
export const flag = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8 };

export const HEAD_BYTES = 9;
/** What either side may send in one frame unless the other one allows more. */
const LARGEST_PAYLOAD = 16_384;
const LARGEST_WINDOW = 2 ** 31 - 1;
export const FIRST_WINDOW = 65_535;
const INITIAL_WINDOW_SIZE = 4;

export interface Frame {
  type: number;
  flags: number;
  stream: number;
  payload: Buffer;
}

export const frame = ({ type, flags, stream, payload }: Frame): Buffer => {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

/** The frame that begins at `at`; undefined when it is not whole. */
export const frameAt = (bytes: Buffer, at: number): Frame | undefined => {
  if (bytes.length < at + HEAD_BYTES) return undefined;
  const end = at + HEAD_BYTES + bytes.readUIntBE(at, 3);
  if (bytes.length < end) return undefined;
  const stream = bytes.readUInt32BE(at + 5) & 0x7fffffff;
  return { type: bytes[at + 3], flags: bytes[at + 4], stream, payload: bytes.subarray(at + HEAD_BYTES, end) };
};

/** The frames of a body, the last of which ends the stream. */
export const dataFrames = (stream: number, body: Buffer): Buffer[] => {
  const frames: Buffer[] = [];
  for (let at = 0; at < body.length; at += LARGEST_PAYLOAD) {
    const isLast = at + LARGEST_PAYLOAD >= body.length;
    const payload = body.subarray(at, at + LARGEST_PAYLOAD);
    frames.push(frame({ type: frameType.data, flags: isLast ? flag.endStream : 0, stream, payload }));
  }
  return frames;
};

export const windowUpdate = (bytes: number): Buffer => {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32BE(bytes);
  return frame({ type: frameType.windowUpdate, flags: 0, stream: 0, payload });
};

/** What a client says first: it takes as much as there is, so the server never waits for its windows. */
export const opening = (): Buffer => {
  const settings = Buffer.allocUnsafe(6);
  settings.writeUInt16BE(INITIAL_WINDOW_SIZE);
  settings.writeUInt32BE(LARGEST_WINDOW, 2);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame({ type: frameType.settings, flags: 0, stream: 0, payload: settings }),
    windowUpdate(LARGEST_WINDOW - FIRST_WINDOW),
  ]);
};

/** How much of a stream the other side takes before it says more; undefined when these settings do not tell. */
export const initialWindowIn = (settings: Buffer): number | undefined => {
  for (let at = 0; at + 6 <= settings.length; at += 6)
    if (settings.readUInt16BE(at) === INITIAL_WINDOW_SIZE) return settings.readUInt32BE(at + 2);
  return undefined;
};

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  // Longer lengths take more than one byte in HPACK; nothing here is that long.
  if (bytes.length > 126) throw new RangeError(`Too long for a header of the generator: ${value}`);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
};

/**
 * The header blocks (HPACK, RFC 7541) of a gRPC call, as clients send them: the first names everything and lets it be remembered, all
 * later ones refer to that.
 */
export const headerBlocks = (authority: string, path: string): { first: Buffer; later: Buffer } => {
  const [methodPost, schemeHttp] = [0x83, 0x86];
  const [remembered, authorityName, pathName, contentTypeName] = [0x40, 1, 4, 31];
  const first = Buffer.concat([
    Buffer.of(methodPost, schemeHttp, remembered | pathName),
    text(path),
    Buffer.of(remembered | authorityName),
    text(authority),
    Buffer.of(remembered | contentTypeName),
    text('application/grpc'),
    Buffer.of(remembered),
    text('te'),
    text('trailers'),
  ]);
  // The table begins at 62 with what was remembered last.
  return { first, later: Buffer.of(methodPost, schemeHttp, ...[65, 64, 63, 62].map((index) => 0x80 | index)) };
};
