import { createHmac } from 'node:crypto';

/**
 * The headers of one attempt, as MLflow sends them. The signature is over `<delivery id>.<timestamp>.<body>`: a receiver
 * that checks it and the age of the timestamp can not be fed an old delivery again.
 */
export const deliveryHeaders = (
  deliveryId: string,
  body: string,
  secret: string | null,
  nowMs: number,
): Record<string, string> => {
  const timestamp = String(Math.floor(nowMs / 1000));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'baton-webhooks',
    'X-MLflow-Delivery-Id': deliveryId,
    'X-MLflow-Timestamp': timestamp,
  };
  if (secret === null || secret === '') return headers;
  const signature = createHmac('sha256', secret).update(`${deliveryId}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'X-MLflow-Signature': `v1,${signature}` };
};
