CREATE TABLE "alert_group_members" (
	"group_id" uuid NOT NULL,
	"check_id" uuid NOT NULL,
	"alert_id" uuid NOT NULL,
	"fingerprint" text NOT NULL,
	CONSTRAINT "alert_group_members_group_id_check_id_pk" PRIMARY KEY("group_id","check_id")
);
--> statement-breakpoint
CREATE TABLE "alert_groups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"environment" text NOT NULL,
	"key" text NOT NULL,
	"labels" jsonb NOT NULL,
	"receiver" text NOT NULL,
	"group_interval_ms" bigint NOT NULL,
	"repeat_interval_ms" bigint NOT NULL,
	"flush_at" timestamp with time zone NOT NULL,
	"tick_base" timestamp with time zone,
	"lease_until" timestamp with time zone,
	"version" integer NOT NULL,
	"told" jsonb NOT NULL,
	"attempts" integer NOT NULL,
	"last_error" text
);
--> statement-breakpoint
CREATE TABLE "routings" (
	"environment" text PRIMARY KEY NOT NULL,
	"document" jsonb NOT NULL,
	"revision" uuid NOT NULL
);
--> statement-breakpoint
ALTER TABLE "routings" ADD CONSTRAINT "routings_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_group_members_alert" ON "alert_group_members" USING btree ("alert_id");--> statement-breakpoint
CREATE UNIQUE INDEX "alert_groups_key" ON "alert_groups" USING btree ("environment","key");--> statement-breakpoint
CREATE INDEX "alert_groups_due" ON "alert_groups" USING btree ("flush_at");