ALTER TABLE "checks" ADD COLUMN "flapping" jsonb;--> statement-breakpoint
CREATE INDEX "checks_flapping" ON "checks" USING btree (((flapping ->> 'until')::bigint)) WHERE flapping is not null;