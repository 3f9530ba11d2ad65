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
CREATE TABLE "silence_revisions" (
	"environment" text PRIMARY KEY NOT NULL,
	"revision" uuid NOT NULL
);
--> statement-breakpoint
ALTER TABLE "silences" ADD COLUMN "updated_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "silences" ADD COLUMN "recurrence" jsonb;--> statement-breakpoint
ALTER TABLE "batches" ADD CONSTRAINT "batches_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "posted_alerts" ADD CONSTRAINT "posted_alerts_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "silence_revisions" ADD CONSTRAINT "silence_revisions_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "posted_alerts_end" ON "posted_alerts" USING btree ("ends_at") WHERE not over;