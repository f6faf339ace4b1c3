import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A wish to cancel that came before the request it speaks of. */
@Entity({ schema: 'trainer', name: 'cancellations' })
export class CancellationEntity {
  @PrimaryColumn({ name: 'request_id', type: 'uuid', primaryKeyConstraintName: 'cancellations_pkey' })
  requestId!: string;

  @Column({ type: 'text' })
  reason!: string;

  @Column({ name: 'requested_at', type: 'timestamptz', default: () => 'now()' })
  requestedAt!: Date;
}
