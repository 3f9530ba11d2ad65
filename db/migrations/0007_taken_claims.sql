CREATE TABLE "list_readers" (
	"id" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "taken_claims" (
	"taker" text PRIMARY KEY NOT NULL,
	"last" bigint NOT NULL,
	"taken" bigint NOT NULL,
	"rejected" bigint NOT NULL,
	"accepted_at" timestamp with time zone NOT NULL
);
