CREATE TABLE "digests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"destination_id" uuid NOT NULL,
	"began_at" timestamp with time zone NOT NULL,
	"calm_since" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"receipt" jsonb
);
--> statement-breakpoint
ALTER TABLE "receipts" ALTER COLUMN "receipt" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "receipts" ADD COLUMN "digest_id" uuid;--> statement-breakpoint
CREATE UNIQUE INDEX "digests_storm" ON "digests" USING btree ("destination_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "receipts_digest" ON "receipts" USING btree ("digest_id") WHERE digest_id is not null;