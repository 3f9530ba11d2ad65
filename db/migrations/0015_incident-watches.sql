CREATE TABLE "incident_watches" (
	"incident_id" uuid PRIMARY KEY NOT NULL,
	"plan" jsonb NOT NULL,
	"step" integer NOT NULL,
	"waited_ms" bigint NOT NULL,
	"waiting_since" timestamp with time zone,
	"asked_at" timestamp with time zone,
	"due_at" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "incident_watches_due" ON "incident_watches" USING btree ("due_at") WHERE due_at is not null;