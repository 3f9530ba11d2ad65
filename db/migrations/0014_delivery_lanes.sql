CREATE TABLE "lanes" (
	"destination_id" uuid PRIMARY KEY NOT NULL,
	"holder" uuid,
	"held_until" timestamp with time zone,
	"resume_at" timestamp with time zone,
	"failures" integer NOT NULL,
	"gone" integer NOT NULL,
	"undelivered" integer NOT NULL,
	"troubled_since" timestamp with time zone,
	"last_error" text
);
--> statement-breakpoint
ALTER TABLE "receipts" DROP CONSTRAINT "receipts_incident_id_incidents_id_fk";
--> statement-breakpoint
ALTER TABLE "receipts" DROP CONSTRAINT "receipts_destination_id_destinations_id_fk";
--> statement-breakpoint
DROP INDEX "notifications_unsettled";--> statement-breakpoint
ALTER TABLE "notifications" ADD COLUMN "attempt_log" jsonb;--> statement-breakpoint
CREATE INDEX "notifications_unsettled" ON "notifications" USING btree ("destination_id","not_before") WHERE state in ('PENDING', 'HELD');