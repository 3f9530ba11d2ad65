CREATE TABLE "floods" (
	"source" text PRIMARY KEY NOT NULL,
	"began_at" timestamp with time zone NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	"requests" bigint NOT NULL
);
