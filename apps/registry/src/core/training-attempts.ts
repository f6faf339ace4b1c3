import { createHash, randomBytes } from 'node:crypto';
import { PlatformError } from '#runtime';

/** One attempt of a trainer at a training request, as its token says. */
export interface Attempt {
  requestId: string;
  fence: number;
  /** What the request allowed. */
  promote: 'policy' | 'never';
}

/** The newest attempt of each request. What an older one still sends is refused. */
export abstract class TrainingAttempts {
  /** False when a higher fence is known, or the request is over. The same fence again gets its new token, and the old one dies. */
  abstract begin(attempt: Attempt, tokenSha256: string): Promise<boolean>;
  /** The newest attempt of the request, when this is its token. */
  abstract find(requestId: string, tokenSha256: string): Promise<Attempt | undefined>;
  /** Nothing comes with the token any more: the request is over. */
  abstract close(requestId: string): Promise<void>;
}

const PREFIX = 'baton-attempt.';
const TOKEN = /^Bearer\s+(baton-attempt\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.\S+)$/i;

/** Gives tokens to attempts and knows them again. */
export class KnowAttempts {
  constructor(private readonly attempts: TrainingAttempts) {}

  /** @throws PlatformError ATTEMPT_SUPERSEDED. */
  async begin(attempt: Attempt): Promise<string> {
    const { requestId, fence } = attempt;
    const token = `${PREFIX}${requestId}.${String(fence)}.${randomBytes(24).toString('base64url')}`;
    if (!(await this.attempts.begin(attempt, sha256(token)))) throw superseded(requestId);
    return token;
  }

  /**
   * The attempt that an `Authorization` header names; undefined when it names none: other tokens are not ours to judge.
   * @throws PlatformError ATTEMPT_SUPERSEDED.
   */
  async of(authorization: string | undefined): Promise<Attempt | undefined> {
    if (authorization?.includes(PREFIX) !== true) return undefined;
    const [, token, requestId] = TOKEN.exec(authorization) ?? [];
    if ((token as string | undefined) === undefined) throw superseded('that this token names');
    const attempt = await this.attempts.find(requestId.toLowerCase(), sha256(token));
    if (attempt === undefined) throw superseded(requestId);
    return attempt;
  }
}

/**
 * The request that something belongs to: that of the attempt which makes it, else the one it names itself.
 * @throws PlatformError CONFLICT when the two differ.
 */
export const requestIdFor = (attempt: Attempt | undefined, named: string | undefined): string | undefined => {
  if (attempt !== undefined && named !== undefined && named !== attempt.requestId)
    throw new PlatformError(
      'CONFLICT',
      `The attempt belongs to training request ${attempt.requestId} and can make nothing for ${named}.`,
    );
  return attempt?.requestId ?? named;
};

export const superseded = (requestId: string): PlatformError =>
  new PlatformError(
    'ATTEMPT_SUPERSEDED',
    `Another attempt has taken training request ${requestId} over, or it is over; nothing more is taken from this one.`,
  );

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
