import { describe, expect, it } from 'vitest';
import { deliveryHeaders } from './sign-delivery.js';

describe('the headers of a delivery', () => {
  it('carry the signature that others compute over id, time and body', () => {
    // printf '%s' 'd-1.1700000000.{"a":"ä"}' | openssl dgst -sha256 -hmac 's3cret' -binary | base64
    expect(deliveryHeaders('d-1', '{"a":"ä"}', 's3cret', 1_700_000_000_999)).toMatchObject({
      'X-MLflow-Delivery-Id': 'd-1',
      'X-MLflow-Timestamp': '1700000000',
      'X-MLflow-Signature': 'v1,WHodQQBtkgGwfbbDl9Y5eP+Vq92/+7xYVDJlD2+FHIM=',
    });
  });

  it('have no signature without a secret', () => {
    expect(deliveryHeaders('d-1', '{}', null, 0)).not.toHaveProperty('X-MLflow-Signature');
    expect(deliveryHeaders('d-1', '{}', '', 0)).not.toHaveProperty('X-MLflow-Signature');
  });
});
