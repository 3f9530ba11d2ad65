CREATE TABLE "evaluation_clock" (
	"part" text PRIMARY KEY NOT NULL,
	"ticked_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "evaluation_gaps" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "evaluation_gaps_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"shard" text NOT NULL,
	"after" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"missed" integer NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "evaluation_kinds" (
	"kind" text PRIMARY KEY NOT NULL,
	"answered" bigint DEFAULT 0 NOT NULL,
	"unanswered" bigint DEFAULT 0 NOT NULL,
	"skipped" bigint DEFAULT 0 NOT NULL,
	"batches" bigint DEFAULT 0 NOT NULL,
	"seconds" double precision DEFAULT 0 NOT NULL,
	"batches_within" jsonb NOT NULL,
	"opened" bigint DEFAULT 0 NOT NULL,
	"failures" jsonb NOT NULL,
	"open_until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "evaluation_shards" (
	"shard" text PRIMARY KEY NOT NULL,
	"offered_slot" timestamp with time zone NOT NULL,
	"offers" integer NOT NULL,
	"claimed_slot" timestamp with time zone,
	"committed_slot" timestamp with time zone,
	"revision" bigint DEFAULT 0 NOT NULL,
	"gap_from" timestamp with time zone,
	"gap_to" timestamp with time zone,
	"is_troubled" boolean DEFAULT false NOT NULL,
	"troubled_store" text,
	"superseded" bigint DEFAULT 0 NOT NULL,
	"missed" bigint DEFAULT 0 NOT NULL,
	"lag_ms" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rule_revisions" (
	"part" text PRIMARY KEY NOT NULL,
	"revision" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "revision" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "unanswered_since" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "evaluation_gaps_recent" ON "evaluation_gaps" USING btree ("until","id");--> statement-breakpoint
CREATE INDEX "checks_failing" ON "checks" USING btree ("rule_id") WHERE rule_id is not null and memory #>> '{lastChange,state}' <> 'ok';--> statement-breakpoint
CREATE INDEX "rules_revision" ON "rules" USING btree ("revision");--> statement-breakpoint
CREATE INDEX "rules_troubled" ON "rules" USING btree ("id") WHERE last_error is not null;