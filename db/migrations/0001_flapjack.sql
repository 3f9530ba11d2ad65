CREATE TABLE "contact_alerts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"environment" text NOT NULL,
	"contact_id" text NOT NULL,
	"medium" text NOT NULL,
	"address" text NOT NULL,
	"rule_ids" jsonb NOT NULL,
	"notification" jsonb NOT NULL,
	"summary" jsonb,
	"state" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "summaries" (
	"environment" text NOT NULL,
	"contact_id" text NOT NULL,
	"medium" text NOT NULL,
	"summary_until" bigint,
	CONSTRAINT "summaries_contact_id_medium_environment_pk" PRIMARY KEY("contact_id","medium","environment")
);
--> statement-breakpoint
CREATE TABLE "told" (
	"environment" text NOT NULL,
	"contact_id" text NOT NULL,
	"medium" text NOT NULL,
	"check_key" text NOT NULL,
	"held_until" jsonb NOT NULL,
	"is_alerting" boolean NOT NULL,
	CONSTRAINT "told_contact_id_medium_check_key_environment_pk" PRIMARY KEY("contact_id","medium","check_key","environment")
);
--> statement-breakpoint
CREATE TABLE "contact_links" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "contact_links_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"contact_id" text NOT NULL,
	"leads_to" text NOT NULL,
	"subject" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "contacts" (
	"id" text PRIMARY KEY NOT NULL,
	"timezone" text
);
--> statement-breakpoint
CREATE TABLE "media" (
	"contact_id" text NOT NULL,
	"name" text NOT NULL,
	"position" integer NOT NULL,
	"address" text NOT NULL,
	"interval_seconds" integer,
	"rollup_threshold" integer,
	CONSTRAINT "media_contact_id_name_pk" PRIMARY KEY("contact_id","name")
);
--> statement-breakpoint
CREATE TABLE "notification_rules" (
	"id" text PRIMARY KEY NOT NULL,
	"contact_id" text NOT NULL,
	"definition" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "routing_version" (
	"only" integer PRIMARY KEY NOT NULL,
	"version" uuid NOT NULL,
	CONSTRAINT "routing_version_is_one" CHECK ("routing_version"."only" = 1)
);
--> statement-breakpoint
ALTER TABLE "checks" ADD COLUMN "memory" jsonb;--> statement-breakpoint
UPDATE "checks" SET "memory" = jsonb_build_object(
	'lastChange', jsonb_build_object('state', "state", 'at', floor(extract(epoch from "last_change_at")), 'summary', null),
	'changeBefore', null, 'summary', null, 'details', null, 'perfdata', null, 'isEnabled', true,
	'notified', jsonb_build_object('last', null, 'lastProblemAt', null, 'worstSinceRecovery', null),
	'scheduled', jsonb_build_array(), 'scheduledMark', null, 'unscheduled', null
);--> statement-breakpoint
UPDATE "checks" SET "memory" = "checks"."memory" || jsonb_build_object(
	'notified', jsonb_build_object('last', "checks"."state", 'lastProblemAt', floor(extract(epoch from "alerts"."last_notified_at")), 'worstSinceRecovery', "checks"."state"),
	'unscheduled', CASE WHEN "alerts"."acknowledged_at" IS NOT NULL THEN jsonb_build_object(
		'startsAt', floor(extract(epoch from "alerts"."acknowledged_at")),
		'endsAt', floor(extract(epoch from "alerts"."acknowledged_at" + interval '100 years')),
		'summary', null, 'upTo', "alerts"."severity"
	) END
) FROM "alerts" WHERE "alerts"."check_id" = "checks"."id" AND "alerts"."state" = 'FIRING' AND "checks"."state" <> 'ok';--> statement-breakpoint
ALTER TABLE "checks" ALTER COLUMN "memory" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "contact_alerts" ADD CONSTRAINT "contact_alerts_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_alerts" ADD CONSTRAINT "contact_alerts_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "summaries" ADD CONSTRAINT "summaries_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "summaries" ADD CONSTRAINT "summaries_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "told" ADD CONSTRAINT "told_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "told" ADD CONSTRAINT "told_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_links" ADD CONSTRAINT "contact_links_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "media" ADD CONSTRAINT "media_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_rules" ADD CONSTRAINT "notification_rules_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "contact_alerts_contact" ON "contact_alerts" USING btree ("contact_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "contact_links_place" ON "contact_links" USING btree ("contact_id","leads_to","subject");--> statement-breakpoint
CREATE INDEX "notification_rules_contact" ON "notification_rules" USING btree ("contact_id");--> statement-breakpoint
ALTER TABLE "checks" DROP COLUMN "state";--> statement-breakpoint
ALTER TABLE "checks" DROP COLUMN "last_change_at";--> statement-breakpoint
ALTER TABLE "checks" DROP COLUMN "last_seen_at";