import { describe, expect, it } from 'vitest';
import { WebhookSecrets } from './webhook-secrets.js';

const [first, second] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));

describe('the secrets of webhooks at rest', () => {
  it('open under the key and for the webhook that they were sealed for, and for no other', () => {
    const secrets = new WebhookSecrets([first]);
    const sealed = secrets.seal('a', 'geheim ✓');
    expect(sealed).not.toContain('geheim');
    expect(secrets.seal('a', 'geheim ✓')).not.toBe(sealed);
    expect(secrets.open('a', sealed)).toBe('geheim ✓');
    expect(() => secrets.open('b', sealed)).toThrow('WEBHOOK_SECRET_KEY');
    expect(() => new WebhookSecrets([second]).open('a', sealed)).toThrow('WEBHOOK_SECRET_KEY');
    expect(() => secrets.open('a', `${sealed.slice(0, -4)}AAA=`)).toThrow('WEBHOOK_SECRET_KEY');
    expect(() => secrets.open('a', '')).toThrow('WEBHOOK_SECRET_KEY');
  });

  it('open by an older key behind the new one', () => {
    const sealed = new WebhookSecrets([first]).seal('a', 's');
    expect(new WebhookSecrets([second, first]).open('a', sealed)).toBe('s');
  });

  it('are refused without a key, saying what to set', () => {
    expect(() => new WebhookSecrets([]).seal('a', 's')).toThrow(/WEBHOOK_SECRET_KEY .*openssl rand -base64 32/);
  });
});
