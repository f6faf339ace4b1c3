import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { PlatformError } from '#runtime';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HOW =
  'set WEBHOOK_SECRET_KEY to 32 random bytes in base64 (`openssl rand -base64 32`), the same for every registry';

/**
 * Secrets at rest: AES-256-GCM, bound to the webhook they belong to, so that a row can not borrow the secret of another.
 * The first key seals, every key opens: a new one is put in front of the old.
 */
export class WebhookSecrets {
  private readonly keys: readonly Uint8Array[];

  constructor(keys: readonly string[]) {
    this.keys = keys.map((key) => Buffer.from(key, 'base64'));
  }

  /** @throws PlatformError REQUEST_INVALID when there is no key to seal with. */
  seal(webhookId: string, secret: string): string {
    const [key] = this.keys as [Uint8Array?];
    if (key === undefined)
      throw new PlatformError(
        'REQUEST_INVALID',
        `This registry can not keep a webhook's secret: ${HOW}, or leave the secret out (deliveries are then not signed).`,
      );
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(webhookId));
    const sealed = [nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64');
  }

  /** @throws PlatformError CONFIGURATION_INVALID when no key of ours opens it. */
  open(webhookId: string, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(-TAG_BYTES)];
    for (const key of this.keys)
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(webhookId)).setAuthTag(tag);
        const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch {
        /* another key may open it; if none does, that is told below */
      }
    throw new PlatformError(
      'CONFIGURATION_INVALID',
      `No key opens the secret of webhook ${webhookId}: ${HOW}, or set the secret again.`,
    );
  }
}
