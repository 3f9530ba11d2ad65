CREATE TABLE "ring_checks" (
	"shard" text NOT NULL,
	"outcome" text NOT NULL,
	"checks" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "ring_checks_shard_outcome_pk" PRIMARY KEY("shard","outcome")
);
