-- The schema after all migrations, out of the catalogs; a test compares it. `npx vitest run schema.int -u` writes it.
-- columns
cancellations.request_id uuid not null
cancellations.reason text not null
cancellations.requested_at timestamp with time zone not null default now()
jobs.request_id uuid not null
jobs.source text not null
jobs.event_id text not null
jobs.model text not null
jobs.request jsonb not null
jobs.state text not null
jobs.attempt integer not null default 0
jobs.failures integer not null default 0
jobs.losses integer not null default 0
jobs.waits integer not null default 0
jobs.fence integer not null default 0
jobs.due_at timestamp with time zone not null default now()
jobs.leased_by text
jobs.leased_until timestamp with time zone
jobs.cancel_reason text
jobs.run_id text
jobs.logged_model_id text
jobs.metrics jsonb
jobs.version integer
jobs.verdict jsonb
jobs.failure jsonb
jobs.requested_at timestamp with time zone not null
jobs.started_at timestamp with time zone
jobs.ended_at timestamp with time zone
jobs.resolved jsonb
jobs.priority integer not null default 0
jobs.fingerprint text
jobs.memory_bytes bigint
outbox.position bigint not null generated always as identity
outbox.id uuid not null
outbox.aggregatetype text not null
outbox.aggregateid text not null
outbox.type text not null
outbox.payload jsonb
outbox.headers jsonb not null
outbox.created_at timestamp with time zone not null default now()
outbox.published_at timestamp with time zone
turns.model text not null
turns.leased_at timestamp with time zone not null
-- constraints
cancellations: cancellations_pkey PRIMARY KEY (request_id)
jobs: jobs_leased_while_running CHECK (((state = 'running'::text) = (leased_until IS NOT NULL)))
jobs: jobs_pkey PRIMARY KEY (request_id)
jobs: jobs_state CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'retrying'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'timed-out'::text, 'skipped'::text])))
outbox: outbox_pkey PRIMARY KEY (id)
turns: turns_pkey PRIMARY KEY (model)
-- indexes
CREATE INDEX jobs_due ON trainer.jobs USING btree (due_at) WHERE (state = ANY (ARRAY['queued'::text, 'retrying'::text]))
CREATE INDEX jobs_leased ON trainer.jobs USING btree (leased_until) WHERE (state = 'running'::text)
CREATE INDEX jobs_trained ON trainer.jobs USING btree (model, ended_at) WHERE (state = 'succeeded'::text)
CREATE INDEX outbox_unpublished ON trainer.outbox USING btree ("position") WHERE (published_at IS NULL)
