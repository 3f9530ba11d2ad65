CREATE TABLE "mappings" (
	"name" text PRIMARY KEY NOT NULL,
	"mapping" json NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
