CREATE TABLE "maintenances" (
	"id" uuid NOT NULL,
	"environment" text NOT NULL,
	"check_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"summary" text,
	"created_by" jsonb,
	CONSTRAINT "maintenances_check_id_kind_starts_at_pk" PRIMARY KEY("check_id","kind","starts_at")
);
--> statement-breakpoint
CREATE TABLE "state_changes" (
	"check_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"state" text NOT NULL,
	"summary" text,
	CONSTRAINT "state_changes_check_id_at_pk" PRIMARY KEY("check_id","at")
);
--> statement-breakpoint
CREATE TABLE "check_tags" (
	"check_id" uuid PRIMARY KEY NOT NULL,
	"tags" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "entities" (
	"id" text PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"name" text NOT NULL,
	"tags" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "contacts" ADD COLUMN "first_name" text;--> statement-breakpoint
ALTER TABLE "contacts" ADD COLUMN "last_name" text;--> statement-breakpoint
ALTER TABLE "contacts" ADD COLUMN "email" text;--> statement-breakpoint
ALTER TABLE "maintenances" ADD CONSTRAINT "maintenances_environment_environments_slug_fk" FOREIGN KEY ("environment") REFERENCES "public"."environments"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "maintenances" ADD CONSTRAINT "maintenances_check_id_checks_id_fk" FOREIGN KEY ("check_id") REFERENCES "public"."checks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "check_tags" ADD CONSTRAINT "check_tags_check_id_checks_id_fk" FOREIGN KEY ("check_id") REFERENCES "public"."checks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "maintenances_page" ON "maintenances" USING btree ("environment","starts_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "maintenances_id" ON "maintenances" USING btree ("id");--> statement-breakpoint
CREATE UNIQUE INDEX "entities_key" ON "entities" USING btree ("key");--> statement-breakpoint
CREATE INDEX "checks_entity" ON "checks" USING btree ("environment",left("key", length("key") - length("name") - 1));