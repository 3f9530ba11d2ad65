CREATE TABLE "announcement_receipts" (
	"subject" text NOT NULL,
	"destination_id" uuid NOT NULL,
	"receipt" jsonb NOT NULL,
	"posted_at" timestamp with time zone NOT NULL,
	CONSTRAINT "announcement_receipts_subject_destination_id_pk" PRIMARY KEY("subject","destination_id")
);
--> statement-breakpoint
CREATE TABLE "announcements" (
	"id" uuid PRIMARY KEY NOT NULL,
	"environment" text NOT NULL,
	"subject" text NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" jsonb NOT NULL,
	"details" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inhibition_rules" (
	"id" uuid PRIMARY KEY NOT NULL,
	"environment" text NOT NULL,
	"name" text NOT NULL,
	"source" jsonb NOT NULL,
	"target" jsonb NOT NULL,
	"equal" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "maintenance_turns" (
	"maintenance_id" uuid PRIMARY KEY NOT NULL,
	"phase" text NOT NULL,
	"turns_at" timestamp with time zone,
	"followed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "notifications" ALTER COLUMN "incident_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "notifications" ADD COLUMN "announcement_id" uuid;--> statement-breakpoint
ALTER TABLE "notifications" ADD COLUMN "inhibited_by" uuid;--> statement-breakpoint
ALTER TABLE "silences" ADD COLUMN "incident_id" uuid;--> statement-breakpoint
ALTER TABLE "silences" ADD COLUMN "phase" text DEFAULT 'expired' NOT NULL;--> statement-breakpoint
ALTER TABLE "silences" ADD COLUMN "turns_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "announcement_receipts" ADD CONSTRAINT "announcement_receipts_destination_id_destinations_id_fk" FOREIGN KEY ("destination_id") REFERENCES "public"."destinations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "announcements" ADD CONSTRAINT "announcements_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inhibition_rules" ADD CONSTRAINT "inhibition_rules_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "announcements_subject" ON "announcements" USING btree ("subject","at");--> statement-breakpoint
CREATE INDEX "announcements_recent" ON "announcements" USING btree ("environment","at");--> statement-breakpoint
CREATE INDEX "inhibition_rules_environment" ON "inhibition_rules" USING btree ("environment","created_at","id");--> statement-breakpoint
CREATE INDEX "maintenance_turns_due" ON "maintenance_turns" USING btree ("turns_at") WHERE turns_at is not null;--> statement-breakpoint
CREATE INDEX "notifications_announcement" ON "notifications" USING btree ("announcement_id") WHERE announcement_id is not null;--> statement-breakpoint
CREATE INDEX "notifications_inhibited" ON "notifications" USING btree ("inhibited_by") WHERE state = 'HELD' and inhibited_by is not null;--> statement-breakpoint
CREATE INDEX "silences_turning" ON "silences" USING btree ("turns_at") WHERE turns_at is not null;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_have_one_subject" CHECK (num_nonnulls("notifications"."incident_id", "notifications"."announcement_id") = 1);--> statement-breakpoint
UPDATE "silences" SET "phase" = 'pending', "turns_at" = now() WHERE "ends_at" > now();
