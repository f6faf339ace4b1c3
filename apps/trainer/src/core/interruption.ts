/** Why a leaseholder stops working without an outcome. Neither is an error of the training. */
export class Interruption extends Error {
  override readonly name = 'Interruption';

  constructor(readonly why: 'lease-lost' | 'shutting-down' | 'no-room') {
    super(sentences[why]);
  }
}

const sentences = {
  'lease-lost': 'The lease of this job has gone to another trainer.',
  'shutting-down': 'This trainer is shutting down.',
  'no-room': 'This job waits until the memory that its recipe declares is free.',
} as const;
