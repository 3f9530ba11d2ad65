CREATE TABLE "call_times" (
	"surface" text PRIMARY KEY NOT NULL,
	"calls" bigint NOT NULL,
	"seconds" double precision NOT NULL,
	"calls_within" bigint[] NOT NULL
);
