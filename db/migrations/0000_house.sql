CREATE TABLE "alerts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"check_id" uuid NOT NULL,
	"incident_id" uuid,
	"rule_id" uuid,
	"environment" text NOT NULL,
	"state" text NOT NULL,
	"severity" text NOT NULL,
	"title" text NOT NULL,
	"summary" text NOT NULL,
	"entity" text NOT NULL,
	"labels" jsonb NOT NULL,
	"measurement" jsonb,
	"started_at" timestamp with time zone NOT NULL,
	"fired_at" timestamp with time zone,
	"acknowledged_at" timestamp with time zone,
	"acknowledged_by" jsonb,
	"resolved_at" timestamp with time zone,
	"resolved_by" jsonb,
	"last_notified_at" timestamp with time zone,
	"picture" jsonb
);
--> statement-breakpoint
CREATE TABLE "checks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"environment" text NOT NULL,
	"key" text NOT NULL,
	"entity" text NOT NULL,
	"name" text NOT NULL,
	"rule_id" uuid,
	"memory" jsonb NOT NULL,
	"quiet_until_clear" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "incidents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" integer GENERATED ALWAYS AS IDENTITY (sequence name "incidents_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"environment" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"closed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "timeline" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "timeline_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"incident_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" jsonb NOT NULL,
	"kind" text NOT NULL,
	"details" jsonb NOT NULL
);
--> statement-breakpoint
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
CREATE TABLE "batches" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "batches_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"environment" text NOT NULL,
	"source" text NOT NULL,
	"items" json NOT NULL,
	"size" integer NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"problem" text
);
--> statement-breakpoint
CREATE TABLE "posted_alerts" (
	"environment" text NOT NULL,
	"fingerprint" text NOT NULL,
	"check_key" text NOT NULL,
	"labels" jsonb NOT NULL,
	"annotations" jsonb NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"ends_by_timeout" boolean NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"generator_url" text NOT NULL,
	"over" boolean NOT NULL,
	CONSTRAINT "posted_alerts_environment_fingerprint_pk" PRIMARY KEY("environment","fingerprint")
);
--> statement-breakpoint
CREATE TABLE "destinations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"surface" text NOT NULL,
	"key" text NOT NULL,
	"name" text NOT NULL,
	"address" jsonb NOT NULL,
	"active" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "local_messages" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "local_messages_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"delivery_id" text NOT NULL,
	"message" jsonb NOT NULL,
	"thread" jsonb NOT NULL,
	"posted_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notifications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"incident_id" uuid NOT NULL,
	"destination_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"entry_id" bigint,
	"state" text NOT NULL,
	"attempts" integer NOT NULL,
	"not_before" timestamp with time zone NOT NULL,
	"last_error" text,
	"created_at" timestamp with time zone NOT NULL,
	"settled_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "receipts" (
	"incident_id" uuid NOT NULL,
	"destination_id" uuid NOT NULL,
	"receipt" jsonb NOT NULL,
	"posted_at" timestamp with time zone NOT NULL,
	CONSTRAINT "receipts_incident_id_destination_id_pk" PRIMARY KEY("incident_id","destination_id")
);
--> statement-breakpoint
CREATE TABLE "form_drafts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"person_id" uuid NOT NULL,
	"subject" jsonb NOT NULL,
	"step" integer NOT NULL,
	"values" jsonb NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "people" (
	"id" uuid PRIMARY KEY NOT NULL,
	"surface" text NOT NULL,
	"tenant" text NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "environments" (
	"slug" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rules" (
	"id" uuid PRIMARY KEY NOT NULL,
	"environment" text NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	"severity" text NOT NULL,
	"condition_kind" text NOT NULL,
	"condition" jsonb NOT NULL,
	"evaluation_interval_seconds" integer NOT NULL,
	"for_duration_seconds" integer NOT NULL,
	"re_notify_minutes" integer NOT NULL,
	"notification_title_tmpl" text NOT NULL,
	"notification_message_tmpl" text NOT NULL,
	"no_data_policy" text NOT NULL,
	"error_policy" text NOT NULL,
	"enabled" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"next_evaluation_at" timestamp with time zone NOT NULL,
	"last_evaluated_at" timestamp with time zone,
	"last_error" text
);
--> statement-breakpoint
CREATE TABLE "silence_revisions" (
	"environment" text PRIMARY KEY NOT NULL,
	"revision" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "silences" (
	"id" uuid PRIMARY KEY NOT NULL,
	"environment" text NOT NULL,
	"matchers" jsonb NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"reason" text NOT NULL,
	"created_by" jsonb NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"recurrence" jsonb
);
--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_check_id_checks_id_fk" FOREIGN KEY ("check_id") REFERENCES "public"."checks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_rule_id_rules_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."rules"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checks" ADD CONSTRAINT "checks_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checks" ADD CONSTRAINT "checks_rule_id_rules_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."rules"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "timeline" ADD CONSTRAINT "timeline_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_alerts" ADD CONSTRAINT "contact_alerts_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_alerts" ADD CONSTRAINT "contact_alerts_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "summaries" ADD CONSTRAINT "summaries_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "summaries" ADD CONSTRAINT "summaries_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "told" ADD CONSTRAINT "told_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "told" ADD CONSTRAINT "told_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_links" ADD CONSTRAINT "contact_links_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "media" ADD CONSTRAINT "media_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_rules" ADD CONSTRAINT "notification_rules_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batches" ADD CONSTRAINT "batches_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "posted_alerts" ADD CONSTRAINT "posted_alerts_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_destination_id_destinations_id_fk" FOREIGN KEY ("destination_id") REFERENCES "public"."destinations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_entry_id_timeline_id_fk" FOREIGN KEY ("entry_id") REFERENCES "public"."timeline"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_destination_id_destinations_id_fk" FOREIGN KEY ("destination_id") REFERENCES "public"."destinations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "form_drafts" ADD CONSTRAINT "form_drafts_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "silence_revisions" ADD CONSTRAINT "silence_revisions_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "silences" ADD CONSTRAINT "silences_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_one_open_per_check" ON "alerts" USING btree ("check_id") WHERE state <> 'RESOLVED';--> statement-breakpoint
CREATE INDEX "alerts_incident" ON "alerts" USING btree ("incident_id");--> statement-breakpoint
CREATE INDEX "alerts_page" ON "alerts" USING btree ("environment","started_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "checks_key" ON "checks" USING btree ("environment","key");--> statement-breakpoint
CREATE INDEX "checks_rule" ON "checks" USING btree ("rule_id");--> statement-breakpoint
CREATE UNIQUE INDEX "incidents_number" ON "incidents" USING btree ("number");--> statement-breakpoint
CREATE INDEX "incidents_open" ON "incidents" USING btree ("opened_at") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "incidents_closed" ON "incidents" USING btree ("closed_at");--> statement-breakpoint
CREATE INDEX "timeline_incident" ON "timeline" USING btree ("incident_id","id");--> statement-breakpoint
CREATE INDEX "contact_alerts_contact" ON "contact_alerts" USING btree ("contact_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "contact_links_place" ON "contact_links" USING btree ("contact_id","leads_to","subject");--> statement-breakpoint
CREATE INDEX "notification_rules_contact" ON "notification_rules" USING btree ("contact_id");--> statement-breakpoint
CREATE INDEX "posted_alerts_end" ON "posted_alerts" USING btree ("ends_at") WHERE not over;--> statement-breakpoint
CREATE UNIQUE INDEX "destinations_place" ON "destinations" USING btree ("surface","key");--> statement-breakpoint
CREATE UNIQUE INDEX "local_messages_delivery" ON "local_messages" USING btree ("delivery_id");--> statement-breakpoint
CREATE INDEX "notifications_unsettled" ON "notifications" USING btree ("not_before") WHERE state in ('PENDING', 'HELD');--> statement-breakpoint
CREATE INDEX "notifications_incident" ON "notifications" USING btree ("incident_id","destination_id");--> statement-breakpoint
CREATE UNIQUE INDEX "people_identity" ON "people" USING btree ("surface","tenant","external_id");--> statement-breakpoint
CREATE INDEX "rules_due" ON "rules" USING btree ("next_evaluation_at") WHERE enabled;--> statement-breakpoint
CREATE INDEX "rules_environment" ON "rules" USING btree ("environment","name");--> statement-breakpoint
CREATE INDEX "silences_in_force" ON "silences" USING btree ("environment","ends_at");